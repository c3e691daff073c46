import nock from "nock";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fixedClock, silentLogger } from "#core/runtime";
import { createPlacesClient } from "./places-client.ts";

const HOST = "https://places.test";
const PATH = "/v1/places:searchText";

function client() {
  const clock = fixedClock("2026-03-02T13:00:00Z");
  const sleep = async (ms: number) => void clock.advanceMs(ms);
  return createPlacesClient({ apiKey: "chave-secreta", baseUrl: HOST, clock, log: silentLogger, sleep });
}

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

test("one search asks for five places of Brazil with key and fields in headers, and reads the address by its parts", async () => {
  const component = (longText: string, shortText: string, ...types: string[]) => ({ longText, shortText, types });
  const body = { textQuery: "Hospital Vila Serena, Santo André", languageCode: "pt-BR", regionCode: "BR", pageSize: 5 };
  const fields = "places.id,places.displayName,places.types,places.addressComponents,places.location";
  nock(HOST, { reqheaders: { "x-goog-api-key": "chave-secreta", "x-goog-fieldmask": fields } })
    .post(PATH, body)
    .reply(200, {
      places: [
        {
          id: "ChIJ1",
          displayName: { text: "Hospital Vila Serena", languageCode: "pt" },
          types: ["hospital", "point_of_interest"],
          addressComponents: [
            component("1000", "1000", "street_number"),
            component("Rua das Acácias", "R. das Acácias", "route"),
            component("Centro", "Centro", "sublocality_level_1", "sublocality", "political"),
            component("Santo André", "Santo André", "administrative_area_level_2", "political"),
            component("São Paulo", "SP", "administrative_area_level_1", "political"),
            component("09000-000", "09000-000", "postal_code"),
          ],
          location: { latitude: -23.6, longitude: -46.5 },
        },
      ],
    });
  expect(await client().searchText("Hospital Vila Serena, Santo André")).toEqual([
    {
      id: "ChIJ1",
      name: "Hospital Vila Serena",
      types: ["hospital", "point_of_interest"],
      street: "Rua das Acácias",
      number: "1000",
      neighborhood: "Centro",
      city: "Santo André",
      state: "SP",
      postalCode: "09000-000",
      latitude: -23.6,
      longitude: -46.5,
    },
  ]);
});

test("nothing found is an empty object, and an empty list", async () => {
  nock(HOST).post(PATH).reply(200, {});
  expect(await client().searchText("Hospital Que Não Existe")).toEqual([]);
});

test.each([
  { http: 403, tries: 1 },
  { http: 503, tries: 2 },
])("HTTP $http is thrown with its status after $tries", async ({ http, tries }) => {
  nock(HOST)
    .post(PATH)
    .times(tries)
    .reply(http, { error: { status: "UNAVAILABLE" } });
  await expect(client().searchText("x")).rejects.toMatchObject({ code: "servico_externo", details: { http } });
  expect(nock.isDone()).toBe(true);
});
