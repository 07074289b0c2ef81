# The prefix layout: bin/ktrain, lib/ktrain/ktrain_trainer.so, completions and the man page under share/.
install(TARGETS ktrain RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(FILES completions/ktrain.bash DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME ktrain OPTIONAL)
install(FILES completions/_ktrain DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" OPTIONAL)
install(FILES completions/ktrain.fish DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" OPTIONAL)
install(FILES docs/ktrain.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" OPTIONAL)
# The module finds libtorch in torch/lib beside it and nowhere else. `cmake --install` puts a link to the cache there:
# no copy of 450 MB, and right on the machine that built it. For images, packages and other machines the component
# `torch` replaces the link by the libraries themselves:
#   cmake --install build/release --prefix PREFIX --component torch
if(KTRAIN_TRAINER)
  set(_modules "${CMAKE_INSTALL_LIBDIR}/ktrain")
  install(TARGETS ktrain_trainer LIBRARY DESTINATION "${_modules}")
  set(_there "\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${_modules}")
  install(CODE "file(REMOVE_RECURSE \"${_there}/torch\" \"${_there}/nvidia\")
    file(CREATE_LINK \"${KTRAIN_DEPS}/torch\" \"${_there}/torch\" SYMBOLIC)
    message(STATUS \"Linking: ${_there}/torch -> ${KTRAIN_DEPS}/torch\")")
  install(CODE "file(REMOVE_RECURSE \"${_there}/torch\")" COMPONENT torch EXCLUDE_FROM_ALL)
  install(DIRECTORY "${KTRAIN_DEPS}/torch/lib" DESTINATION "${_modules}/torch"
    COMPONENT torch EXCLUDE_FROM_ALL FILES_MATCHING PATTERN "*.so*")
  install(DIRECTORY "${KTRAIN_DEPS}/nvidia/cu13/lib" DESTINATION "${_modules}/nvidia/cu13"
    COMPONENT torch EXCLUDE_FROM_ALL FILES_MATCHING PATTERN "*.so*")
endif()
