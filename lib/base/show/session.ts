/**
 * What every command is handed: the machine it runs on, and where it tells what it did.
 *
 * @module
 */
import type { Host } from "../host/host.ts";
import type { Report } from "./report.ts";

/** One run of a command. */
export interface Session {
  readonly host: Host;
  readonly report: Report;
}
