# The prefix layout: bin/ktrain, lib/ktrain/ktrain_trainer.so, completions and the man page under share/.
install(TARGETS ktrain RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(FILES completions/ktrain.bash DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME ktrain OPTIONAL)
install(FILES completions/_ktrain DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" OPTIONAL)
install(FILES completions/ktrain.fish DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" OPTIONAL)
install(FILES docs/ktrain.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" OPTIONAL)
if(KTRAIN_TRAINER)
  install(TARGETS ktrain_trainer LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/ktrain")
endif()
# libtorch beside the module, where its RPATH looks, for images and machines without the cache:
#   cmake --install build/release --prefix PREFIX --component torch
if(KTRAIN_TRAINER)
  install(DIRECTORY "${KTRAIN_DEPS}/torch/lib" DESTINATION "${CMAKE_INSTALL_LIBDIR}/ktrain/torch"
    COMPONENT torch EXCLUDE_FROM_ALL FILES_MATCHING PATTERN "*.so*")
  install(DIRECTORY "${KTRAIN_DEPS}/nvidia/cu13/lib" DESTINATION "${CMAKE_INSTALL_LIBDIR}/ktrain/nvidia/cu13"
    COMPONENT torch EXCLUDE_FROM_ALL FILES_MATCHING PATTERN "*.so*")
endif()
