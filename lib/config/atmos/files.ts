/**
 * Configuration files, each read and parsed once. I/O through the host.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { MAX_CONFIG_BYTES, readCapped } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { decodeYaml, parseYaml } from "../../yaml/parse.ts";
import type { ConfigFile } from "./layers.ts";

/** Reads files for one run. */
export class ConfigReader {
  readonly #host: Host;
  readonly #texts = new Map<string, string | undefined>();
  readonly #files = new Map<string, ConfigFile>();

  /** @param host whose files are read */
  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * @param path absolute
   * @returns undefined when there is no such file
   * @throws {UserError} `io`, `denied`; `malformed` for what is too large or no text
   */
  findText(path: string): string | undefined {
    if (!this.#texts.has(path)) {
      const bytes = readCapped(this.#host, path, { maxBytes: MAX_CONFIG_BYTES });
      this.#texts.set(path, bytes && decodeYaml(bytes, path));
    }
    return this.#texts.get(path);
  }

  /** @throws {UserError} `not-found`; as {@link findText}; `malformed` for what is no YAML */
  read(path: string): ConfigFile {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const text = this.findText(path);
    if (text === undefined) {
      throw new UserError("not-found", `cannot read "${path}": no such file`, { location: { path } });
    }
    const file = { path, document: parseYaml(text, path) };
    this.#files.set(path, file);
    return file;
  }
}
