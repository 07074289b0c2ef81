# The image that generated Jobs run: ktrain, its trainer module, libtorch and Arrow for the CPU, on plain Debian.
#   docker build -t ktrain:0.1.0 .
FROM debian:12-slim AS build
COPY . /src
WORKDIR /src
RUN scripts/setup
RUN cmake --preset release -DKTRAIN_TESTS=OFF \
    && cmake --build --preset release \
    && cmake --install build/release --prefix /opt/ktrain --strip \
    && cmake --install build/release --prefix /opt/ktrain --component libraries

FROM debian:12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 libfmt9 libprometheus-cpp-pull1.0 libssl3 \
        libstdc++6 libyaml-0-2 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/ktrain /opt/ktrain
ENV PATH=/opt/ktrain/bin:$PATH
USER 65532:65532
ENTRYPOINT ["ktrain"]
CMD ["--help"]
