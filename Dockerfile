# syntax=docker/dockerfile:1
# One image, one YAML file: mount the configuration at /etc/overpunch/overpunch.yaml, with what it refers to beside it.

FROM node:26-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY tools ./tools
COPY src ./src
COPY adapters ./adapters
RUN npm run -s build

FROM node:26-slim AS production
WORKDIR /opt/overpunch
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

FROM node:26-slim
ENV NODE_ENV=production
WORKDIR /opt/overpunch
COPY LICENSE package.json ./
COPY --from=production /opt/overpunch/node_modules ./node_modules
COPY --from=build /build/dist ./dist
# The base image brings this user; nothing of the program belongs to it, so it can change nothing of that. What it may write are these: a new
# volume at their place belongs to it, too.
RUN install -d -o node -g node -m 0700 /var/lib/overpunch /var/cache/overpunch /var/log/overpunch
USER node
EXPOSE 4000
# A port with TLS answers plain HTTP with 400: then it lives.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 4000}/health/live`).then(({ ok, status }) => process.exit(ok || status === 400 ? 0 : 1), () => process.exit(1))"]
# Exec form: the process is number 1 of the container and gets SIGTERM itself, and drains.
ENTRYPOINT ["node", "/opt/overpunch/dist/src/main.js"]
CMD ["serve", "-c", "/etc/overpunch/overpunch.yaml", "--host", "0.0.0.0"]
