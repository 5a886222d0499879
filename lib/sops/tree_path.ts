/**
 * Places in a file as `--extract`, `set` and `unset` name them: `["a"]["b"][0]`.
 *
 * Where SOPS panics or does something silent, there is an error here. Pure. Spec: sops-engine §5.3, §5.5, §10.
 *
 * @module
 */
import { UserError } from "../base/error.ts";
import type { StructureChange } from "./tree/change.ts";
import type { Comment, List, Mapping, Node } from "./tree/tree.ts";

/** A key of a mapping, or the index of an item. */
export type PathStep = string | number;

/** Each step: a key in quotes of either kind, or an index. */
const STEP = /\[(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(\d+))\]/y;

/**
 * @param text at least one step, without spaces: `["a"][0]`
 * @throws {UserError} `usage` when it is no path
 */
export function parseTreePath(text: string): PathStep[] {
  const steps: PathStep[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (match === null) break;
    const [, double, single, index] = match;
    steps.push(double !== undefined ? unescape(double) : single ?? Number(index));
    if (STEP.lastIndex === text.length) return steps;
  }
  throw new UserError("usage", `cannot read the path ${quote(text)}: expected keys and indices in brackets`, {
    hints: [`write it as '["key"]["other key"][0]'`],
  });
}

/** A quote and a backslash can be written with a backslash before them; all else stands for itself. */
function unescape(text: string): string {
  return text.replace(/\\(["\\])/g, "$1");
}

/** @returns a path in the form that {@link parseTreePath} reads */
export function formatTreePath(path: readonly PathStep[]): string {
  return path.map((step) => typeof step === "number" ? `[${step}]` : `["${step.replace(/["\\]/g, "\\$&")}"]`).join("");
}

/** @returns the value at a path; undefined when it leads nowhere */
export function findNode(root: Node, path: readonly PathStep[]): Node | undefined {
  let node: Node | undefined = root;
  for (const step of path) node = node === undefined ? undefined : enter(node, step)?.node;
  return node;
}

/** @throws {UserError} `not-found` when the path leads nowhere */
export function extractNode(root: Node, path: readonly PathStep[]): Node {
  return path.reduce<Node>((node, step, i) => {
    const next = enter(node, step);
    if (next !== undefined) return next.node;
    throw notFound(path.slice(0, i + 1), node);
  }, root);
}

/**
 * Plans what `set` does: replaces a value, or adds what is missing at the end of its container.
 *
 * @throws {UserError} `usage` for an index of a mapping, or a key of a list
 */
export function planSet(root: Mapping, path: readonly PathStep[], value: Node): StructureChange {
  let node: Node = root;
  for (const [i, step] of path.entries()) {
    const rest = path.slice(i + 1);
    if (node.kind === "leaf") return { action: "replace", node, value: nest(path.slice(i), value) };
    checkStep(node, step, path.slice(0, i + 1));
    const next = enter(node, step);
    if (next === undefined) {
      const added = { value: nest(rest, value), ...(typeof step === "string" ? { key: step } : {}) };
      return { action: "append", container: node, added: [added] };
    }
    node = next.node;
  }
  return { action: "replace", node, value };
}

/** @throws {UserError} `not-found` when the path leads nowhere */
export function planUnset(root: Mapping, path: readonly PathStep[]): StructureChange {
  const container = extractNode(root, path.slice(0, -1));
  const last = path.at(-1)!;
  const found = enter(container, last);
  if (container.kind === "leaf" || found === undefined) throw notFound(path, container);
  return { action: "remove", container, index: found.index };
}

/** @returns a value with the containers around it that a path names: a list where it has an index */
function nest(path: readonly PathStep[], value: Node): Node {
  return path.reduceRight<Node>(
    (inner, step) =>
      typeof step === "number"
        ? { kind: "list", items: [inner] }
        : { kind: "mapping", items: [{ kind: "entry", key: step, value: inner }] },
    value,
  );
}

function checkStep(node: Mapping | List, step: PathStep, path: readonly PathStep[]): void {
  if ((node.kind === "list") === (typeof step === "number")) return;
  const expected = node.kind === "list" ? "a list, expected an index" : "a mapping, expected a key in quotes";
  throw new UserError("usage", `cannot use the path ${formatTreePath(path)}: what it leads into is ${expected}`);
}

/** @returns the value behind a step, with its place among the items of the container */
function enter(node: Node, step: PathStep): { node: Node; index: number } | undefined {
  if (node.kind === "leaf") return undefined;
  let count = 0;
  for (const [index, item] of (node.items as readonly (Mapping["items"][number] | Node | Comment)[]).entries()) {
    if (item.kind === "comment") continue;
    if (item.kind === "entry" ? item.key === step : count++ === step) {
      return { node: item.kind === "entry" ? item.value : item, index };
    }
  }
  return undefined;
}

function notFound(path: readonly PathStep[], container: Node): UserError {
  const inside = container.kind === "leaf" ? "a single value" : `a ${container.kind}`;
  return new UserError(
    "not-found",
    `cannot find ${formatTreePath(path)}: it leads into ${inside} that has no such part`,
  );
}

function quote(text: string): string {
  return text.length > 60 ? `"${text.slice(0, 60)}…"` : `"${text}"`;
}
