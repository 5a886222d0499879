/**
 * The YAML store: reads what go-yaml reads, and writes changes into the author's text. Pure.
 * Spec: sops-engine §4.2, §4.3, §4.4, §9.
 *
 * @module
 */
import type { Entry } from "../tree/tree.ts";
import type { Store, StoreFile } from "./store.ts";
import { formatCanonicalYaml, formatCanonicalYamlValue } from "./yaml_canonical.ts";
import { METADATA_KEY, parseYamlFile, type YamlFile } from "./yaml/file.ts";
import { planMetadataChange } from "./yaml/metadata.ts";
import { planStructureChange } from "./yaml/structure.ts";
import { planValueChanges } from "./yaml/values.ts";

/** The store of YAML files, JSON text under a YAML name included. */
export const yamlStore: Store = {
  format: "yaml",
  parse: parseYamlFile,
  changeValues: (file, changes) => planValueChanges(asYaml(file), changes),
  changeStructure: (file, change) => planStructureChange(asYaml(file), change),
  changeMetadata: (file, block) => planMetadataChange(asYaml(file), block),
  formatCanonical(documents, block, { indent }) {
    const entry: Entry | undefined = block === undefined
      ? undefined
      : { kind: "entry", key: METADATA_KEY, value: block };
    return formatCanonicalYaml(documents, entry, indent);
  },
  formatValue(node, { indent }) {
    if (node.kind === "leaf" && typeof node.value === "string") return node.value;
    return formatCanonicalYamlValue(node, indent);
  },
};

/** A store is given the files that it parsed itself. */
function asYaml(file: StoreFile): YamlFile {
  return file as YamlFile;
}
