/**
 * One value of a configuration as the type that it should have: functions answered, other types refused with line and
 * column. Pure but for the variables of the host. Spec: vaults §2.
 *
 * @module
 */
import type { Location, UserError } from "../../base/error.ts";
import { type ConfigMap, type ConfigPlace, type ConfigValue, keyLocation, mistakeAt, unusableAt } from "./layers.ts";
import { callYamlFunction, type FunctionContext } from "./yaml_function.ts";

/** Something to tell people about the configuration. One sentence, no period. */
export interface ConfigNotice {
  readonly message: string;
  readonly location?: Location;
}

/** What reading a value depends on. */
export interface ValueContext extends FunctionContext {
  /** Takes warnings. */
  warn(notice: ConfigNotice): void;
  /** Evaluates a template; absent: a text stands for itself, whatever is in it. @throws {UserError} `unsupported` */
  readonly render?: ((text: string, location: Location) => string) | undefined;
}

/** A value as text, with the place of the value that it was read from. */
export interface PlacedText {
  readonly text: string;
  readonly place: ConfigPlace;
}

/**
 * @param what names the value in messages: `"file" of vault "prod"`
 * @returns the text of a value; undefined when it is absent, null or empty
 * @throws {UserError} `malformed` when it is no text; `unsupported` or `not-found` when its function is refused
 */
export function findText(
  value: ConfigValue | undefined,
  what: string,
  context: ValueContext,
): PlacedText | undefined {
  if (value === undefined) return undefined;
  const { place } = value;
  if (value.type === "scalar" && value.scalarType === "string") {
    const isTemplate = context.render !== undefined && value.text.includes("{{");
    return placed(isTemplate ? context.render(value.text, keyLocation(place)) : value.text, place);
  }
  if (value.type !== "function") throw wrongType(value, what, "text");
  const result = value.problem === undefined
    ? callYamlFunction(value.name, value.argument, context)
    : { type: "refused", reason: `which ${value.problem}` } as const;
  switch (result.type) {
    case "text":
      return placed(result.text, place);
    case "unset":
      context.warn({
        message: `${what} counts as absent: the variable ${result.variable} is not set`,
        location: keyLocation(place),
      });
      return undefined;
    case "mistake":
      throw mistakeAt(place, `${what} holds ${result.problem}`);
    case "refused":
      throw unusableAt(place, `${what} needs ${value.name}, ${result.reason}`, {
        kind: "unsupported",
        hint: "write the value itself, or take it from the environment with !env NAME",
      });
  }
}

function placed(text: string, place: ConfigPlace): PlacedText | undefined {
  return text === "" ? undefined : { text, place };
}

/**
 * @returns the mapping; undefined when the value is absent
 * @throws {UserError} `malformed` for another type, `unsupported` for a function
 */
export function mapOf(value: ConfigValue | undefined, what: string): ConfigMap | undefined {
  if (value === undefined || value.type === "map") return value;
  if (value.type !== "function") throw wrongType(value, what, "a mapping");
  throw unusableAt(value.place, `${what} needs ${value.name}, which ${value.problem ?? "sopsmith never runs"}`, {
    kind: "unsupported",
    hint: "write the keys and values themselves",
  });
}

const TYPE_NAMES = {
  string: "text",
  null: "nothing",
  boolean: "true or false",
  integer: "a number",
  float: "a number",
  timestamp: "a date",
} as const;

/** @returns the error for a value of another type; to be thrown by the caller */
export function wrongType(value: ConfigValue, what: string, expected: string): UserError {
  const found = value.type === "map" ? "a mapping" : value.type === "list" ? "a list" : scalarTypeName(value);
  const isQuotable = expected === "text" && (value.type === "scalar" || value.type === "map");
  const hints = isQuotable ? ["put the value in quotes"] : [];
  return mistakeAt(value.place, `${what} is ${found}, expected ${expected}`, hints);
}

function scalarTypeName(value: ConfigValue): string {
  return value.type === "scalar" ? TYPE_NAMES[value.scalarType] : "a function";
}
