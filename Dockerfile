# dasy in a container, for a PostgreSQL beside it (see docker-compose.yml). It runs as an ordinary user.
FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json ./
COPY scripts ./scripts
COPY lib ./lib
COPY bin ./bin
COPY web ./web
# Vite needs its binaries to build. Those of the embedded server stay out: here the server is another container.
RUN npm ci && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:20-slim
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/bundle ./bundle
COPY package.json dasy.schema.json ./
COPY bin ./bin
COPY sql ./sql
# A new volume at these gets their owner.
RUN mkdir /var/lib/dasy /tokens && chown node:node /var/lib/dasy /tokens
USER node
WORKDIR /data
ENTRYPOINT ["node", "/app/bin/dasy.js"]
CMD ["--help"]
