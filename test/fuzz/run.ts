import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { caseOf } from './cases';
import { judge } from './judge';
import { Programs } from './programs';

/** How far a run has come: it goes on there when it is started again. */
const STATE = process.env.FUZZ_STATE ?? 'fuzz-state.json';
const CASES = Number(process.env.FUZZ_CASES ?? 100_000);
const SAMPLE = Number(process.env.FUZZ_PROGRAMS ?? 2_000);
const EVERY = 1_000;

interface State {
  next: number;
  refused: number;
  accepted: number;
  shown: number;
  readonly defects: string[];
}

const state: State = existsSync(STATE)
  ? JSON.parse(readFileSync(STATE, 'utf8'))
  : { next: 1, refused: 0, accepted: 0, shown: 0, defects: [] };
const programs = new Programs();
const save = () => writeFileSync(STATE, JSON.stringify(state));

for (; state.next <= CASES; state.next += 1) {
  const one = caseOf(state.next);
  const verdict = judge(one);
  if (verdict.kind === 'defect') state.defects.push(`seed ${state.next}, ${one.what}: ${verdict.problem}`);
  else state[verdict.kind] += 1;
  // So many of those that are accepted, evenly over the run.
  if (verdict.kind === 'accepted' && state.shown < (SAMPLE * state.next) / CASES) {
    state.shown += 1;
    const problem = programs.problem(verdict.objects);
    if (problem) state.defects.push(`seed ${state.next}, ${one.what}: ${problem}`);
  }
  if (state.next % EVERY === 0) {
    save();
    process.stderr.write(`${state.next}: ${state.defects.length} defects\n`);
  }
}
save();
const { defects, ...counts } = state;
process.stdout.write(
  `${JSON.stringify({ ...counts, judged: programs.judged, missing: programs.missing }, null, 1)}\n`,
);
for (const defect of defects) process.stdout.write(`${defect}\n`);
process.exitCode = defects.length ? 1 : 0;
