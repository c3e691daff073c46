import type { LookupFunction } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createFetch } from "./create-fetch.ts";
import { createDispatcher } from "./dispatcher.ts";
import { isLoopbackAddress, isPublicAddress, PRIVATE_ADDRESS, publicOnlyLookup } from "./public-address.ts";
import { closeLoopbacks, loopback } from "./testing/loopback.ts";

afterEach(closeLoopbacks);

/** A resolver that answers what the test says, as the system's does with `all`. */
const answering =
  (...addresses: string[]): LookupFunction =>
  (_host, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );

describe("public addresses", () => {
  test.each(["1.1.1.1", "8.8.8.8", "100.63.255.255", "172.15.0.1", "223.255.255.255", "2606:4700::1111"])(
    "%s is public",
    (address) => expect(isPublicAddress(address)).toBe(true),
  );
  test.each([
    ..."0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8".split(
      " ",
    ),
    ..."192.168.1.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255".split(" "),
    ..."::1 :: fe80::1 fc00::1 fd12:3456::1 ff02::1 2001:db8::1 2002:7f00:1:: 64:ff9b::7f00:1".split(" "),
    ..."::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 localhost example.com 127.1 0x7f000001 2130706433".split(" "),
    "",
  ])("%j is not", (address) => expect(isPublicAddress(address)).toBe(false));
  test("loopback is 127/8 and ::1 only", () => {
    expect(["127.0.0.1", "127.9.9.9", "::1", "10.0.0.1", "localhost"].map(isLoopbackAddress)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("names that resolve to what is not public", () => {
  const resolveWith = (lookup: LookupFunction, all: boolean) =>
    new Promise<unknown>((resolve) => {
      lookup("x.example", { all }, (err, address, family) =>
        resolve(err ? err.code : all ? address : [address, family]),
      );
    });
  test("one address alone, and one private among public ones, are refused", async () => {
    expect(await resolveWith(publicOnlyLookup({ resolve: answering("10.1.2.3") }), false)).toBe(PRIVATE_ADDRESS);
    expect(await resolveWith(publicOnlyLookup({ resolve: answering("1.1.1.1", "::1") }), true)).toBe(PRIVATE_ADDRESS);
    expect(await resolveWith(publicOnlyLookup({ resolve: answering() }), true)).toBe(PRIVATE_ADDRESS);
  });
  test("public ones pass, in the form that was asked for", async () => {
    const lookup = publicOnlyLookup({ resolve: answering("1.1.1.1", "1.0.0.1") });
    expect(await resolveWith(lookup, false)).toEqual(["1.1.1.1", 4]);
    expect(await resolveWith(lookup, true)).toEqual([
      { address: "1.1.1.1", family: 4 },
      { address: "1.0.0.1", family: 4 },
    ]);
  });
  test("the socket never opens, and the error says why", async () => {
    const server = await loopback((_req, res) => res.end("secret"));
    const port = new URL(server.url).port;
    const dispatcher = createDispatcher({ lookup: publicOnlyLookup({ resolve: answering("127.0.0.1") }) });
    const send = createFetch({ name: "shop", dispatcher, timeoutMs: 5000 });
    await expect(send(`http://shop.example:${port}/`)).rejects.toMatchObject({
      code: "servico_externo",
      details: { motivo: PRIVATE_ADDRESS },
    });
    expect(server.sockets()).toBe(0);
    await dispatcher.close();
  });
  test("loopback passes where it is allowed", async () => {
    const server = await loopback((_req, res) => res.end("ok"));
    const port = new URL(server.url).port;
    const lookup = publicOnlyLookup({ resolve: answering("127.0.0.1"), allowLoopback: true });
    const dispatcher = createDispatcher({ lookup });
    const answer = await createFetch({ name: "shop", dispatcher, timeoutMs: 5000 })(`http://shop.example:${port}/`);
    expect(await answer.text()).toBe("ok");
    await dispatcher.close();
  });
});
