/**
 * The fields that templates in stack manifests ask for: `.vars.stage`, `.settings.a.b`. Pure.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { ConfigMap, ConfigValue } from "../atmos/layers.ts";

/**
 * @param name with its dots: `.vars.stage`
 * @returns the text of the field
 * @throws {UserError} `unsupported` where there is no such field, or it is no text itself
 */
export function lookUpField(map: ConfigMap | undefined, name: string): string {
  const steps = name.split(".").slice(1);
  const value = steps.reduce<ConfigValue | undefined>(
    (inner, step) => inner?.type === "map" ? inner.find(step) : undefined,
    map,
  );
  if (value?.type === "scalar" && !value.text.includes("{{")) return value.text;
  throw new UserError("unsupported", `the field "${name}" of a template has no value that can be told here`);
}
