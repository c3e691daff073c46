export { allowedUrl, type UrlRule } from "./allowed-url.ts";
export type { PageAnswer, PageSource } from "./page-source.ts";
export { createStorefront, type StorefrontOptions, storefrontFrom } from "./storefront-client.ts";
