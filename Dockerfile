# One image for every process of the mall; docker-compose.yml says which one a container runs.
FROM node:24.21.0-bookworm-slim
WORKDIR /app
RUN chown node:node /app
USER node
COPY --chown=node:node . .
# Install scripts would download binaries; all that is needed is in the packages themselves.
RUN --mount=type=cache,target=/home/node/.npm,uid=1000,gid=1000 \
    npm ci --ignore-scripts --no-audit --no-fund \
 && npm run compose \
 && node --disable-warning=ExperimentalWarning stack/src/codegen-main.ts \
 && npm run build -w @mall/web-shell
ENV HOST=0.0.0.0
