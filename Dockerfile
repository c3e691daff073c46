# One image, three services: RUN_MODE chooses. No build step: Node runs the TypeScript sources.
FROM node:24-slim

# An environment that nobody named is production, which refuses to start without its tokens.
ENV NODE_ENV=production APP_ENV=production
WORKDIR /app

# Dependencies first, so that a change of sources keeps this layer. Optional ones are the local database, never in the image.
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund && npm cache clean --force

COPY tsconfig.json entrypoint.sh ./
COPY apps apps
COPY packages packages
COPY scripts/healthcheck.ts scripts/healthcheck.ts

ARG GIT_SHA=unknown
ENV GIT_SHA=$GIT_SHA

USER node
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["node", "scripts/healthcheck.ts"]
ENTRYPOINT ["./entrypoint.sh"]
