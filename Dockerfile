# syntax=docker/dockerfile:1

FROM rust:1.95.0-slim-bookworm AS build
# The image's own toolchain: rust-toolchain.toml asks for components that building does not need.
ENV RUSTUP_TOOLCHAIN=1.95.0
WORKDIR /src
# A C compiler for aws-lc and mimalloc. Versions are the base image's, whose tag is the pin.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev make \
    && rm -rf /var/lib/apt/lists/*
COPY . .
# Crates and their objects outlive the layer, so that a change of the service compiles the service alone.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package liaison --bin liaison \
    && cp target/release/liaison /usr/local/bin/liaison

FROM debian:bookworm-slim
# Certificate authorities for TLS to the database and to webhooks.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/liaison --create-home --user-group liaison
COPY --from=build /usr/local/bin/liaison /usr/local/bin/liaison
ENV LIAISON_LISTEN=0.0.0.0:8080 \
    LIAISON_DATA_DIR=/var/lib/liaison
USER 10001:10001
VOLUME /var/lib/liaison
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["/usr/local/bin/liaison", "probe"]
ENTRYPOINT ["/usr/local/bin/liaison"]
CMD ["serve"]
