# The prefix layout: bin/ktrain, lib/ktrain/ktrain_trainer.so, completions and the man page under share/.
install(TARGETS ktrain RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(FILES completions/ktrain.bash DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME ktrain OPTIONAL)
install(FILES completions/_ktrain DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" OPTIONAL)
install(FILES completions/ktrain.fish DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" OPTIONAL)
install(FILES docs/ktrain.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" OPTIONAL)
# The trainer module finds libtorch in torch/lib beside it and nowhere else, its columnar reader Arrow in pyarrow.
# `cmake --install` puts links to the cache there: no copy of 450 MB, and right on the machine that built it. For images,
# packages and other machines the component `libraries` replaces the links by the libraries themselves:
#   cmake --install build/release --prefix PREFIX --component libraries
if(KTRAIN_TRAINER)
  set(_modules "${CMAKE_INSTALL_LIBDIR}/ktrain")
  install(TARGETS ktrain_trainer ktrain_columnar LIBRARY DESTINATION "${_modules}")
  set(_there "\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${_modules}")
  install(CODE "file(REMOVE_RECURSE \"${_there}/torch\" \"${_there}/nvidia\" \"${_there}/pyarrow\")
    foreach(from \"${KTRAIN_DEPS}/torch\" \"${KTRAIN_ARROW}/pyarrow\")
      get_filename_component(name \"\${from}\" NAME)
      file(CREATE_LINK \"\${from}\" \"${_there}/\${name}\" SYMBOLIC)
      message(STATUS \"Linking: ${_there}/\${name} -> \${from}\")
    endforeach()")
  install(CODE "file(REMOVE_RECURSE \"${_there}/torch\" \"${_there}/pyarrow\")"
    COMPONENT libraries EXCLUDE_FROM_ALL)
  foreach(from_to "${KTRAIN_DEPS}/torch/lib;torch" "${KTRAIN_DEPS}/nvidia/cu13/lib;nvidia/cu13" "${KTRAIN_ARROW}/pyarrow;")
    list(GET from_to 0 from)
    list(GET from_to 1 to)
    install(DIRECTORY "${from}" DESTINATION "${_modules}/${to}"
      COMPONENT libraries EXCLUDE_FROM_ALL FILES_MATCHING PATTERN "*.so*" PATTERN "include" EXCLUDE)
  endforeach()
endif()
