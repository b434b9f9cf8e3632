/**
 * A load of Inkwire's runner as a process of its own, as `:repeat` in the REPL is: the plan as JSON
 * on standard input, the report as JSON on standard output, as `:repeat --json` has it.
 */

import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { LoadPlan } from '../../src/load/load.ts';
import { reportJson } from '../../src/load/report/report-json.ts';
import { startLoad } from '../../src/load/start-load.ts';

const plan: LoadPlan = await Bun.stdin.json();
const report = await startLoad(plan, systemClock, systemRandom).report;
console.log(JSON.stringify(reportJson(report, [])));
