# One image for every server process of the mall; docker-compose.yml says which one runs.
FROM node:24-bookworm-slim
WORKDIR /mall
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund \
  && node stack/entry.js codegen \
  && npm run build -w @mall/web-shell
ENV HOST=0.0.0.0
