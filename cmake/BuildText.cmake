# Run by trainer/CMakeLists.txt: makes OUTPUT, the Rust library of trainer/text, once for all clones on a machine.
#   cmake -DCARGO=... -DSOURCE=trainer/text/rust -DCACHE=folder -DKEPT=file in the cache -DOUTPUT=file -P cmake/BuildText.cmake
file(MAKE_DIRECTORY "${CACHE}")
file(LOCK "${CACHE}/.cargo.lock")
if(NOT EXISTS "${KEPT}")
  message(STATUS "Building the tokenizers' Rust library, once: a few minutes")
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -E env "CARGO_TARGET_DIR=${CACHE}/cargo" "${CARGO}" build --release --locked --quiet
            --manifest-path "${SOURCE}/Cargo.toml"
    RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "cargo cannot build ${SOURCE}: see above. It downloads crates once; is there a network?")
  endif()
  file(COPY_FILE "${CACHE}/cargo/release/libktrain_text.a" "${KEPT}.new")
  file(RENAME "${KEPT}.new" "${KEPT}")
endif()
file(COPY_FILE "${KEPT}" "${OUTPUT}")
