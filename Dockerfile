# syntax=docker/dockerfile:1
# One binary with embedded assets on a minimal base image.

FROM node:22-bookworm-slim AS node

FROM rust:1.95-bookworm AS build
# npm installs wasm-opt, which shrinks the WASM of a release.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src
COPY rust-toolchain.toml ./
RUN rustup toolchain install
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo xtask release && cp target/release/testbell /testbell

FROM debian:12-slim
# CA certificates for webhooks and trackers over https.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home testbell \
    && install -d -o testbell -g testbell -m 700 /data
COPY --from=build /testbell /usr/local/bin/testbell
ENV TESTBELL_LISTEN=0.0.0.0:3000 \
    TESTBELL_DATA_DIR=/data
VOLUME /data
EXPOSE 3000
USER testbell
# The image has no HTTP client. Let the orchestrator check /readyz.
HEALTHCHECK NONE
ENTRYPOINT ["testbell"]
CMD ["serve"]
