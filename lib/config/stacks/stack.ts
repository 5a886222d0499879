/**
 * One stack: its manifest, and what atmos makes of it for each component by inheritance. Pure. Spec: vaults §2, §5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { type ConfigMap, findMap, overlayMaps } from "../atmos/layers.ts";
import { parseTemplate, renderTemplate } from "../atmos/template.ts";
import { lookUpField } from "./fields.ts";

/** How stacks are called: `stacks.name_template` and `stacks.name_pattern`, as written, and what they ask for. */
export interface NamingOptions {
  readonly template: string | undefined;
  readonly pattern: string | undefined;
  /** @returns the variable of the environment that a template asks for */
  env(name: string): string | undefined;
}

/** One component of a stack. */
export interface Component {
  /** `terraform`, `helmfile`, … */
  readonly type: string;
  readonly name: string;
}

/** What is known of a stack, or of a component in it. */
export interface StackScope {
  /** What `--stack` calls it; undefined where only atmos can tell. */
  readonly stack: string | undefined;
  /** Path of the manifest from the folder of all manifests, without ending: atmos takes it for a name, too. */
  readonly manifest: string;
  /** Undefined: the stack as a whole. */
  readonly component: Component | undefined;
  /** Whether it is there only for others to inherit from. */
  readonly isAbstract: boolean;
  /** `secrets:` of the whole stack. */
  readonly shared: ConfigMap | undefined;
  /** `secrets:` of the component and of those that it inherits from. */
  readonly own: ConfigMap | undefined;
  /** @returns the value of a field that a template asks for @throws {UserError} `unsupported` */
  field(name: string): string;
  /** @returns the variable of the environment that a template asks for */
  env(name: string): string | undefined;
}

/** Reads the manifests of one stack. */
export class Stack {
  readonly #root: ConfigMap;
  readonly #manifest: string;
  readonly #naming: NamingOptions;

  /** @param manifest path from the folder of all manifests, without ending */
  constructor(root: ConfigMap, manifest: string, naming: NamingOptions) {
    this.#root = root;
    this.#manifest = manifest;
    this.#naming = naming;
  }

  /** @returns the stack as a whole, then each component, abstract ones too, as in atmos */
  scopes(): StackScope[] {
    const components = this.#components();
    const scopes = components.map((component) => this.#scope(component));
    const whole = this.#scope(undefined);
    const names = new Set(scopes.map(({ stack }) => stack));
    const stack = whole.stack ?? (names.size === 1 ? scopes[0]?.stack : undefined);
    return [{ ...whole, stack }, ...scopes];
  }

  #components(): Component[] {
    const types = findMap(this.#root, "components");
    return (types?.names ?? []).flatMap((type) => (findMap(types, type)?.names ?? []).map((name) => ({ type, name })));
  }

  #section({ type, name }: Component): ConfigMap | undefined {
    return findMap(findMap(findMap(this.#root, "components"), type), name);
  }

  #scope(component: Component | undefined): StackScope {
    const chain = component === undefined ? [] : this.#chain(component);
    const sections = chain.map((each) => this.#section(each));
    const overrides = findMap(sections[0], "overrides");
    const layers = (name: string): (ConfigMap | undefined)[] => [
      findMap(overrides, name),
      ...sections.map((section) => findMap(section, name)),
    ];
    const type = component === undefined ? undefined : findMap(this.#root, component.type);
    const fields = (name: string): ConfigMap | undefined =>
      overlayMaps([...layers(name), findMap(type, name), findMap(this.#root, name)]);
    const scope = {
      manifest: this.#manifest,
      component,
      isAbstract: textAt(findMap(sections[0], "metadata"), "type") === "abstract",
      shared: findMap(this.#root, "secrets"),
      own: overlayMaps(layers("secrets")),
    };
    const field = (stack: string | undefined) => (name: string): string => {
      if (name === ".atmos_stack" && stack !== undefined) return stack;
      if (name === ".atmos_component" && component !== undefined) return component.name;
      const [, section = "", ...rest] = name.split(".");
      return lookUpField(fields(section), `.${rest.join(".")}`);
    };
    const stack = this.#name(field(undefined), fields("vars"));
    return { ...scope, stack, field: field(stack), env: this.#naming.env };
  }

  /** The component, then what it inherits from, the nearest first, as atmos lays them over each other. */
  #chain(component: Component): Component[] {
    const order: Component[] = [];
    const visit = (current: Component, path: readonly string[]): void => {
      const section = this.#section(current);
      const inherited = findMap(section, "metadata")?.find("inherits");
      const bases = [textAt(section, "component"), ...(inherited?.type === "list" ? inherited.texts : [])];
      for (const name of bases) {
        if (name === undefined || name === current.name || path.includes(name)) continue;
        visit({ type: current.type, name }, [...path, current.name]);
      }
      order.push(current);
    };
    visit(component, []);
    return order.reverse();
  }

  #name(field: (name: string) => string, vars: ConfigMap | undefined): string | undefined {
    const { template, pattern, env } = this.#naming;
    const own = textAt(this.#root, "name");
    if (own !== undefined) return own;
    if (template !== undefined) {
      try {
        return renderTemplate(parseTemplate(template), { field, env });
      } catch (error) {
        if (error instanceof UserError) return undefined;
        throw error;
      }
    }
    return pattern === undefined ? this.#manifest : formatPattern(pattern, vars) ?? this.#manifest;
  }
}

/** The words that a pattern of names may have. */
const PATTERN_WORDS = ["namespace", "tenant", "environment", "stage"];

/** @returns undefined where a variable is missing */
function formatPattern(pattern: string, vars: ConfigMap | undefined): string | undefined {
  const words = pattern.split("-").flatMap((part) => /^\{(\w+)\}$/.exec(part)?.[1] ?? []);
  const values = words.filter((word) => PATTERN_WORDS.includes(word)).map((word) => textAt(vars, word));
  return values.includes(undefined) ? undefined : values.join("-");
}

function textAt(map: ConfigMap | undefined, name: string): string | undefined {
  const value = map?.find(name);
  return value?.type === "scalar" && value.scalarType === "string" && value.text !== "" ? value.text : undefined;
}
