/**
 * Writes the JSON Schemas of `schemas/`: of `.sops.yaml`, of `sopsmith.yaml`, and of what commands print with `--json`.
 *
 * @module
 */
import { ROOT } from "../process.ts";
import type { Schema } from "./schema.ts";
import { createOutputSchemas } from "./outputs.ts";
import { createSopsConfigSchema } from "./sops_config.ts";
import { createVaultConfigSchema } from "./vault_config.ts";

/** @returns every schema by its path from the root of the repository */
export function createSchemas(): ReadonlyMap<string, Schema> {
  return new Map([
    ["schemas/sops-config.schema.json", createSopsConfigSchema()],
    ["schemas/sopsmith-config.schema.json", createVaultConfigSchema()],
    ...[...createOutputSchemas()].map(([name, schema]) => [`schemas/output/${name}.schema.json`, schema] as const),
  ]);
}

/** @returns the text of a schema's file */
export function formatSchema(schema: Schema): string {
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

if (import.meta.main) {
  await Deno.mkdir(`${ROOT}/schemas/output`, { recursive: true });
  for (const [path, schema] of createSchemas()) await Deno.writeTextFile(`${ROOT}/${path}`, formatSchema(schema));
}
