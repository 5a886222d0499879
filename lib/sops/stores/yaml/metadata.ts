/**
 * Splices that write, change and take away the metadata block of a YAML file. Pure. Spec: sops-engine §3.9, §9.
 *
 * @module
 */
import type { Splice } from "../../../yaml/edit/splice.ts";
import { YamlList, YamlMapping } from "../../../yaml/scan/nodes.ts";
import { compareMappings, type StructureChange } from "../../tree/change.ts";
import type { Entry, Mapping, Node } from "../../tree/tree.ts";
import { METADATA_KEY, type YamlFile, type YamlFileDocument } from "./file.ts";
import { METADATA_LAYOUT, withLineEnds } from "./layout.ts";
import { planRemoval, planRemovalFromBrackets } from "./removal.ts";
import { type Collection, insertInBrackets, planStructureChange, planTopLines } from "./structure.ts";
import { formatBlockEntry, formatFlow, formatKey } from "./text.ts";

/**
 * Plans the splices for every document.
 *
 * @param block the whole wanted block in the order of SOPS; undefined takes it away
 */
export function planMetadataChange(file: YamlFile, block: Mapping | undefined): Splice[] {
  return file.documents.flatMap((document) => {
    const present = document.metadata?.value;
    if (block === undefined) return document.metadata === undefined ? [] : removeBlock(file, document);
    if (present instanceof YamlMapping) {
      const splices = planChanges(file, compareMappings(present, block));
      return splices.map((splice) => outsideOfRemovals(file.source, splice, splices));
    }
    return insertBlock(file, document, block);
  });
}

/** Plans changes that are made in one go. */
function planChanges(file: YamlFile, changes: readonly StructureChange[]): Splice[] {
  const removals = new Map<Collection, number[]>();
  const splices: Splice[] = [];
  for (const change of changes) {
    const container = change.action === "remove" ? change.container : undefined;
    const isInBrackets = (container instanceof YamlMapping || container instanceof YamlList) && container.isFlow;
    if (change.action !== "remove" || !isInBrackets) splices.push(...planStructureChange(file, change));
    else removals.set(container, [...removals.get(container) ?? [], change.index]);
  }
  const inBrackets = [...removals].flatMap(([container, indices]) => planRemovalFromBrackets(file, container, indices));
  return [...inBrackets, ...splices];
}

/**
 * What is added stands at the end of the last line of what was there; where that line is taken away in the same go, it
 * stands at the end of the one before.
 */
function outsideOfRemovals(source: string, splice: Splice, splices: readonly Splice[]): Splice {
  if (splice.start !== splice.end || !/^\r?\n/.test(splice.text)) return splice;
  const removal = splices.find(({ start, end, text }) =>
    text === "" && start < splice.start && splice.start <= end && source[start - 1] === "\n"
  );
  if (removal === undefined) return splice;
  const lineEnd = removal.start - (source[removal.start - 2] === "\r" ? 2 : 1);
  return outsideOfRemovals(source, { ...splice, start: lineEnd, end: lineEnd }, splices);
}

function insertBlock(file: YamlFile, document: YamlFileDocument, block: Mapping): Splice[] {
  const { root } = document;
  if (root.isFlow) return insertInFlow(file, root, entryOf(block));
  const pad = " ".repeat(root.column);
  return planTopLines(file, document, formatMetadataLines(block).replace(/^(?=[^\n])/gm, pad));
}

/** @returns the lines of a new metadata block, in the column of the margin */
export function formatMetadataLines(block: Mapping): string {
  return `${formatBlockEntry(entryOf(block), 0, METADATA_LAYOUT)}\n`;
}

function entryOf(block: Mapping): Entry {
  return { kind: "entry", key: METADATA_KEY, value: block };
}

/** JSON, and YAML in brackets: the block goes inside, laid out as what is there. */
function insertInFlow(file: YamlFile, root: YamlMapping, entry: Entry): Splice[] {
  const { source } = file;
  const first = root.items.find((item) => item.kind === "entry");
  const lineStart = first === undefined ? -1 : source.lastIndexOf("\n", first.start - 1) + 1;
  const pad = first === undefined ? "" : source.slice(lineStart, first.kind === "entry" ? first.from : lineStart);
  const isPretty = lineStart > root.start && pad !== "" && /^[ \t]+$/.test(pad);
  const head = formatKey(entry.key, { column: 0, isFlow: true }).replace(/^sops/, '"sops"');
  const text = isPretty ? `${head} ${formatPretty(entry.value, pad, pad)}` : `${head} ${formatFlow(entry.value)}`;
  return insertInBrackets(file, root, [withLineEnds(text, source)]);
}

function formatPretty(node: Node, pad: string, step: string): string {
  const items = node.kind === "leaf" ? [] : node.items.filter((item) => item.kind !== "comment");
  if (node.kind === "leaf" || items.length === 0) return formatFlow(node);
  const inner = pad + step;
  const lines = items.map((item) =>
    item.kind === "entry"
      ? `${formatKey(item.key, { column: 0, isFlow: true })} ${formatPretty(item.value, inner, step)}`
      : formatPretty(item, inner, step)
  );
  const [open, close] = node.kind === "list" ? "[]" : "{}";
  return `${open}\n${inner}${lines.join(`,\n${inner}`)}\n${pad}${close}`;
}

function removeBlock(file: YamlFile, { root, metadata, ...document }: YamlFileDocument): Splice[] {
  const whole = new YamlMapping(root.start, root.column, root.isFlow, root.properties);
  whole.end = root.end;
  whole.items.push(...root.items, metadata!);
  whole.items.sort((a, b) => ("start" in a ? a.start : 0) - ("start" in b ? b.start : 0));
  const isOnly = root.items.every((item) => item.kind === "comment");
  const isMarked = /(?:^|\n)---[ \t\r\n]/.test(file.source.slice(0, metadata!.from).slice(-10));
  const documents = [{ ...document, root: whole, metadata: isOnly && isMarked ? metadata : undefined }];
  return planRemoval({ ...file, documents }, whole, whole.items.indexOf(metadata!));
}
