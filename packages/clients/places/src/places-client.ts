import { z } from "zod";
import { type CircuitBreaker, createHttpClient, type Timer, type UpstreamDispatcher } from "#core/http";
import type { Sleep } from "#core/retry";
import type { Clock, Logger } from "#core/runtime";

export interface Place {
  id: string;
  name: string;
  /** As Google types it: `hospital`, `medical_clinic`, `store`… */
  types: readonly string[];
  street: string | null;
  number: string | null;
  neighborhood: string | null;
  city: string | null;
  /** Two letters. */
  state: string | null;
  postalCode: string | null;
  latitude: number | null;
  longitude: number | null;
}

export interface PlacesClient {
  /**
   * Places of Brazil that answer to a text, best first, at most 5; empty when none does. Throws TransientError or PermanentError
   * when Google did not answer, or the caller's reason when aborted.
   */
  searchText(text: string, options?: { signal?: AbortSignal }): Promise<Place[]>;
}

export interface PlacesClientOptions {
  apiKey: string;
  /** Default `https://places.googleapis.com`. */
  baseUrl?: string;
  circuit?: CircuitBreaker;
  dispatcher?: UpstreamDispatcher;
  clock: Clock;
  log: Logger;
  sleep?: Sleep;
  timer?: Timer;
}

/** Spread into an app's config schema. */
export const placesConfigShape = {
  GOOGLE_PLACES_API_KEY: z
    .string()
    .optional()
    .describe("chave da Places API (New); com ela hospitais desconhecidos são procurados no Google"),
} as const;

/** Null without a key: nobody is asked. */
export function placesFrom(
  config: z.output<z.ZodObject<typeof placesConfigShape>>,
  deps: Pick<PlacesClientOptions, "circuit" | "clock" | "log">,
): PlacesClient | null {
  return config.GOOGLE_PLACES_API_KEY ? createPlacesClient({ ...deps, apiKey: config.GOOGLE_PLACES_API_KEY }) : null;
}

const ATTEMPT_TIMEOUT_MS = 10_000;
const TOTAL_TIMEOUT_MS = 25_000;
const MAX_PLACES = 5;
/** Each field is billed by its tier; these are all that is used. */
const FIELD_MASK = ["id", "displayName", "types", "addressComponents", "location"].map((f) => `places.${f}`).join(",");

const component = z.object({ longText: z.string(), shortText: z.string().nullish(), types: z.array(z.string()) });
const Answer = z.object({
  // An answer without results has no `places` at all.
  places: z
    .array(
      z.object({
        id: z.string(),
        displayName: z.object({ text: z.string() }),
        types: z.array(z.string()).default([]),
        addressComponents: z.array(component).default([]),
        location: z.object({ latitude: z.number(), longitude: z.number() }).nullish(),
      }),
    )
    .default([]),
});

/** Google's Places API (New), Text Search: https://places.googleapis.com/v1/places:searchText. */
export function createPlacesClient(options: PlacesClientOptions): PlacesClient {
  const { apiKey, baseUrl = "https://places.googleapis.com", ...shared } = options;
  const http = createHttpClient({
    ...shared,
    name: "places",
    baseUrl,
    headers: { "x-goog-api-key": apiKey, "x-goog-fieldmask": FIELD_MASK },
    timeoutMs: TOTAL_TIMEOUT_MS,
    attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
    attempts: 2,
  });
  return {
    async searchText(text, { signal } = {}) {
      const { data } = await http.request({
        method: "POST",
        path: "/v1/places:searchText",
        json: { textQuery: text, languageCode: "pt-BR", regionCode: "BR", pageSize: MAX_PLACES },
        schema: Answer,
        idempotent: true, // a search
        ...(signal ? { signal } : {}),
      });
      return data.places.map((place) => {
        const part = (...types: string[]) =>
          place.addressComponents.find((c) => types.some((t) => c.types.includes(t)));
        return {
          id: place.id,
          name: place.displayName.text,
          types: place.types,
          street: part("route")?.longText ?? null,
          number: part("street_number")?.longText ?? null,
          neighborhood: part("sublocality_level_1", "sublocality")?.longText ?? null,
          city: part("administrative_area_level_2", "locality")?.longText ?? null,
          state: part("administrative_area_level_1")?.shortText ?? null,
          postalCode: part("postal_code")?.longText ?? null,
          latitude: place.location?.latitude ?? null,
          longitude: place.location?.longitude ?? null,
        };
      });
    },
  };
}
