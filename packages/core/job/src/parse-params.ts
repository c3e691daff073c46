import { z } from "zod";
import { PermanentError } from "#core/runtime";

/**
 * Parameters of a call, by query string or JSON body, checked by a strict schema. Numbers and booleans may come as text,
 * as a query string has nothing else. Throws `PermanentError("parametro_invalido")` that names the field in `campo` and
 * says in Portuguese what would be valid: `batch_size deve ser um inteiro de 1 a 1000`. Only the first problem is told.
 */
export function parseParams<S extends z.ZodObject>(schema: S, raw: unknown): z.output<S> {
  const given = typeof raw === "object" && raw !== null && !Array.isArray(raw) ? raw : undefined;
  if (given === undefined && raw !== undefined && raw !== null) {
    throw new PermanentError("parametro_invalido", "os parâmetros devem ser um objeto JSON", { campo: "corpo" });
  }
  const parsed = schema.safeParse(readNumbers(schema, (given ?? {}) as Record<string, unknown>));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue === undefined) throw new PermanentError("parametro_invalido", "parâmetros inválidos");
  throw explain(schema, issue);
}

function explain(schema: z.ZodObject, issue: z.core.$ZodIssue): PermanentError {
  if (issue.code === "unrecognized_keys" && issue.path.length === 0) {
    const names = Object.keys(schema.shape);
    const known = names.length === 0 ? "não há parâmetros" : `os aceitos são ${names.join(", ")}`;
    const campo = issue.keys[0] ?? "";
    return new PermanentError("parametro_invalido", `${campo} não é um parâmetro conhecido; ${known}`, { campo });
  }
  const campo = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const unknown = `${campo}.${issue.keys[0] ?? ""}`;
    return new PermanentError("parametro_invalido", `${unknown} não é um campo conhecido`, { campo: unknown });
  }
  const field = fieldAt(schema, issue.path);
  // A refinement's message was written by whoever knows the rule.
  if (issue.code === "custom" || field === undefined) {
    return new PermanentError("parametro_invalido", issue.message, campo === "" ? {} : { campo });
  }
  return new PermanentError("parametro_invalido", `${campo} deve ser ${describe(field)}`, { campo });
}

interface JsonSchema {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  maxItems?: number;
}

/** What a field accepts, in words. A `.describe("…")` on the field says it better and wins. */
function describe(field: z.ZodType): string {
  if (field.description) return field.description;
  return phrase(z.toJSONSchema(field, { io: "input", unrepresentable: "any" }) as JsonSchema);
}

const FORMATS: Record<string, string> = {
  date: "uma data AAAA-MM-DD",
  "date-time": "um instante ISO 8601",
  uuid: "um UUID",
  email: "um e-mail",
  uri: "uma URL",
};

function phrase(s: JsonSchema): string {
  if (s.anyOf) return s.anyOf.map(phrase).join(" ou ");
  if (s.enum) return `um destes: ${s.enum.join(", ")}`;
  if (s.const !== undefined) return String(s.const);
  switch (s.type) {
    case "integer":
      return `um inteiro${range(s.minimum, s.maximum)}`;
    case "number":
      return `um número${range(s.minimum, s.maximum)}`;
    case "boolean":
      return "true ou false";
    case "string":
      return (s.format && FORMATS[s.format]) ?? `um texto${lengths(s.minLength, s.maxLength)}`;
    case "array":
      return `uma lista${s.maxItems === undefined ? "" : ` de até ${s.maxItems} itens`}`;
    case "null":
      return "nulo";
    default:
      return "um valor válido";
  }
}

function range(min?: number, max?: number): string {
  const [hasMin, hasMax] = [min, max].map((n) => n !== undefined && Math.abs(n) < Number.MAX_SAFE_INTEGER);
  if (hasMin && hasMax) return ` de ${min} a ${max}`;
  if (hasMin) return ` a partir de ${min}`;
  return hasMax ? ` até ${max}` : "";
}

function lengths(min?: number, max?: number): string {
  if (min !== undefined && max !== undefined) return ` de ${min} a ${max} caracteres`;
  if (max !== undefined) return ` de até ${max} caracteres`;
  return min === undefined ? "" : min === 1 ? " não vazio" : ` de ao menos ${min} caracteres`;
}

/** Texts of number and boolean fields become what they mean; everything else is left to the schema. */
function readNumbers(schema: z.ZodObject, given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const field = fieldOf(schema, name);
      if (typeof value !== "string" || field === undefined) return [name, value];
      const type = innermost(field).def.type;
      if (type === "number" && /^-?\d{1,15}(\.\d{1,15})?$/.test(value.trim())) return [name, Number(value)];
      if (type === "boolean" && /^(true|false|1|0)$/i.test(value)) return [name, /^(true|1)$/i.test(value)];
      return [name, value];
    }),
  );
}

/** Own fields only: `?constructor=1` must not find Object's. */
function fieldOf(schema: z.ZodObject, name: string): z.ZodType | undefined {
  return Object.hasOwn(schema.shape, name) ? (schema.shape[name] as z.ZodType) : undefined;
}

/** The field that a path names, through lists and objects: `ofertas.3.preco`. */
function fieldAt(schema: z.ZodObject, path: readonly PropertyKey[]): z.ZodType | undefined {
  let field: z.ZodType | undefined = schema;
  for (const step of path) {
    const def: FieldDef | undefined = field && innermost(field).def;
    if (def?.type === "array") field = def.element;
    else field = def?.shape && Object.hasOwn(def.shape, String(step)) ? def.shape[String(step)] : undefined;
  }
  return field;
}

interface FieldDef {
  type: string;
  innerType?: z.core.$ZodType;
  in?: z.core.$ZodType;
  element?: z.ZodType;
  shape?: Record<string, z.ZodType>;
}

function innermost(field: z.core.$ZodType): { def: FieldDef } {
  let current = field._zod.def as FieldDef;
  for (let depth = 0; depth < 8; depth++) {
    const inner = current.innerType ?? (current.type === "pipe" ? current.in : undefined);
    if (inner === undefined) break;
    current = inner._zod.def as FieldDef;
  }
  return { def: current };
}
