import { z } from "zod";

/** Refused, or not enforced, by providers' strict modes; zod checks them on our side anyway. */
const DROPPED = new Set([
  "$schema",
  "default",
  "minLength",
  "maxLength",
  "pattern",
  "format",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minItems",
  "maxItems",
]);

/**
 * A zod schema as the common subset of JSON Schema that strict structured output accepts everywhere: every key required (what
 * may be absent is nullable), no additional keys, no numeric or length bounds.
 */
export function strictJsonSchema(schema: z.ZodType): Record<string, unknown> {
  return strict(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" })) as Record<string, unknown>;
}

function strict(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strict);
  if (typeof node !== "object" || node === null) return node;
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === "properties" && typeof value === "object" && value !== null) {
      // Names of fields, not keywords: kept whatever they are called.
      out.properties = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, strict(field)]));
    } else if (!DROPPED.has(key)) {
      out[key] = key === "enum" || key === "const" ? value : strict(value);
    }
  }
  if (typeof out.properties === "object" && out.properties !== null) {
    out.required = Object.keys(out.properties);
    out.additionalProperties = false;
  }
  return out;
}
