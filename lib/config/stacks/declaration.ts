/**
 * Which secrets a component declares, and where their values are: `secrets.vars`. Pure. Spec: vaults §5.
 *
 * @module
 */
import { type Location, UserError } from "../../base/error.ts";
import {
  type ConfigMap,
  type ConfigValue,
  findMap,
  keyLocation,
  mistakeAt,
  overlayMaps,
  unusableAt,
} from "../atmos/layers.ts";
import { parseTemplate, renderTemplate, type TemplateData } from "../atmos/template.ts";
import type { StackScope } from "./stack.ts";

/** Whose value it is: of one component in one stack, of a whole stack, or the only one. */
export type DeclaredScope = "instance" | "stack" | "global";

/** Where a value is kept. */
export type Backend =
  | { readonly kind: "sops"; readonly vault: string }
  | { readonly kind: "store"; readonly store: string };

/** One declared secret. */
export interface Declaration {
  readonly name: string;
  readonly description: string | undefined;
  readonly required: boolean;
  /** Undefined: nothing is said, and atmos refuses to use it. */
  readonly backend: Backend | undefined;
  readonly scope: DeclaredScope;
  readonly at: Location;
}

/**
 * @returns the secrets that are declared for a scope, by name; for a stack as a whole those that its components share
 * @throws {UserError} `malformed` for a scope that contradicts where the declaration stands; `unsupported` for what takes a
 * template engine
 */
export function listDeclarations({ shared, own, field, env }: StackScope): Declaration[] {
  const ownVars = findMap(own, "vars");
  const sharedVars = findMap(shared, "vars");
  const merged = overlayMaps([ownVars, sharedVars]);
  return [...merged?.names ?? []].sort().map((name) => {
    const isOwn = findMap(ownVars, name) !== undefined;
    return parseDeclaration(name, merged!, { implied: isOwn ? "instance" : "stack", field, env });
  });
}

interface DeclarationContext extends TemplateData {
  /** What the place of the declaration says. */
  readonly implied: DeclaredScope;
}

function parseDeclaration(name: string, vars: ConfigMap, { implied, ...data }: DeclarationContext): Declaration {
  const spec = findMap(vars, name);
  const text = (key: string): string | undefined => findText(spec?.find(key), `"${key}" of secret "${name}"`, data);
  const required = spec?.find("required");
  const [store, vault, said] = [text("store"), text("sops"), text("scope")];
  if (said !== undefined && said !== implied && said !== "global") {
    throw mistakeAt(
      spec!.find("scope")!.place,
      `secret "${name}" has the scope "${said}", and stands where it is ${implied}`,
    );
  }
  return {
    name,
    description: text("description"),
    required: required?.type === "scalar" && required.scalarType === "boolean" && /^true$/i.test(required.text),
    backend: vault !== undefined ? { kind: "sops", vault } : store !== undefined ? { kind: "store", store } : undefined,
    scope: said === "global" ? "global" : implied,
    at: keyLocation(vars.placeOf(name)),
  };
}

/** atmos takes anything but text for nothing said. */
function findText(value: ConfigValue | undefined, what: string, data: TemplateData): string | undefined {
  if (value?.type === "function") {
    throw unusableAt(value.place, `${what} needs ${value.name}, which sopsmith does not run`, {
      kind: "unsupported",
      hint: "write the value itself",
    });
  }
  if (value?.type !== "scalar" || value.scalarType !== "string" || value.text === "") return undefined;
  if (!value.text.includes("{{")) return value.text;
  try {
    return renderTemplate(parseTemplate(value.text), data);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw unusableAt(value.place, `${what} is a template that only atmos evaluates`, {
      kind: "unsupported",
      hint: "write the value itself",
    });
  }
}
