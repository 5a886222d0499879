/** fast-check for the tests of properties: with the seed of this run, which a failure names. */
import fc from "fast-check";
import { SEED } from "./seed.ts";

fc.configureGlobal({ seed: SEED });

export default fc;
