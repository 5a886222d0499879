/**
 * The program's version. It stands in `deno.json` and only there; loaded by nothing but `--version`, and a bundle carries
 * it inside. Pure.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };

/** The version, as `1.2.3`. */
export const VERSION: string = config.version;
