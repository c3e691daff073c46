export { type DrainEnd, type DrainOptions, drain } from "./drain.ts";
export { createLeaseKeeper, type Leased, type LeaseKeeper, type LeaseKeeperOptions } from "./lease.ts";
export { type MapBoundedOptions, mapBounded, type Outcome } from "./map-bounded.ts";
