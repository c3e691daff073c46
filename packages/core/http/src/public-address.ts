import { lookup as systemLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Code of the error by which a connection to an address that is not public ends; `details.motivo` of ours. */
export const PRIVATE_ADDRESS = "ERR_PRIVATE_ADDRESS";

/** IPv4 that no public server has: this network, private, shared, loopback, link-local, documentation, multicast, reserved. */
const NOT_PUBLIC_V4 = subnets("ipv4", [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
]);
/** Public IPv6 is 2000::/3, without the parts that wrap an IPv4 address or are for documentation. */
const GLOBAL_V6 = subnets("ipv6", [["2000::", 3]]);
const NOT_PUBLIC_V6 = subnets("ipv6", [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
]);
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** True for an address literal (no brackets) that a server on the public Internet can have. Anything else is false. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !NOT_PUBLIC_V4.check(address, "ipv4");
    case 6:
      return GLOBAL_V6.check(address, "ipv6") && !NOT_PUBLIC_V6.check(address, "ipv6");
    default:
      return false;
  }
}

/** 127.0.0.0/8 and ::1. */
export function isLoopbackAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 4 ? "ipv4" : "ipv6");
}

export interface PublicOnlyOptions {
  /** Tests and development: servers of this machine. */
  allowLoopback?: boolean;
  resolve?: LookupFunction;
}

/**
 * Name resolution for sockets that must only reach public servers: a name with any other address fails with
 * `PRIVATE_ADDRESS`. It is the very answer the socket connects to, so a name cannot show one address to a check and
 * another to the connection. A URL that holds an address literal is never resolved: refuse literals before.
 */
export function publicOnlyLookup(options: PublicOnlyOptions = {}): LookupFunction {
  const { allowLoopback = false, resolve = systemLookup as LookupFunction } = options;
  const allowed = (address: string) => isPublicAddress(address) || (allowLoopback && isLoopbackAddress(address));
  return (hostname, lookupOptions, callback) => {
    resolve(hostname, { ...lookupOptions, all: true }, (err, found) => {
      if (err) return callback(err, "", 0);
      const addresses = Array.isArray(found) ? found : [];
      const first = addresses[0];
      if (first === undefined || !addresses.every((a) => allowed(a.address))) {
        const refusal = new Error(`${hostname} does not resolve to public addresses only`);
        return callback(Object.assign(refusal, { code: PRIVATE_ADDRESS }), "", 0);
      }
      if (lookupOptions.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function subnets(family: "ipv4" | "ipv6", list: readonly (readonly [string, number])[]): BlockList {
  const block = new BlockList();
  for (const [net, prefix] of list) block.addSubnet(net, prefix, family);
  return block;
}
