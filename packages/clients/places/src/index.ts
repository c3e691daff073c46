export { createPlacesClient, type Place, type PlacesClient, placesConfigShape, placesFrom } from "./places-client.ts";
