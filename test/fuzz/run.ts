import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { caseOf } from './cases';
import { Judge } from './judge';
import { Programs } from './programs';

/** Progress of a run, which continues there when it is started again. */
const STATE = process.env.FUZZ_STATE ?? 'fuzz-state.json';
const FIRST = Number(process.env.FUZZ_SEED ?? 1);
const CASES = Number(process.env.FUZZ_CASES ?? 100_000);
/** Ratio of accepted cases that are validated by the programs. */
const SAMPLE = Number(process.env.FUZZ_PROGRAMS ?? 2_000);
const EVERY = 1_000;

interface State {
  next: number;
  refused: number;
  accepted: number;
  shown: number;
  readonly judged: Record<string, number>;
  readonly defects: string[];
}

const state: State = existsSync(STATE)
  ? JSON.parse(readFileSync(STATE, 'utf8'))
  : { next: FIRST, refused: 0, accepted: 0, shown: 0, judged: {}, defects: [] };
const judge = new Judge();
let programs = new Programs();
const { missing } = programs;

/** Saves the results of programs, so that a continued run has lost nothing. */
function save(): void {
  state.defects.push(...programs.askRest());
  for (const [name, count] of Object.entries(programs.judged)) {
    state.judged[name] = (state.judged[name] ?? 0) + count;
  }
  programs = new Programs();
  writeFileSync(STATE, JSON.stringify(state));
}

for (; state.next < FIRST + CASES; state.next += 1) {
  const one = caseOf(state.next);
  const what = `seed ${state.next}, ${one.what}`;
  const verdict = judge.verdict(one);
  if (verdict.kind === 'defect') state.defects.push(`${what}: ${verdict.problem}`);
  else state[verdict.kind] += 1;
  if (verdict.kind === 'accepted' && state.shown < (SAMPLE * (state.next - FIRST + 1)) / CASES) {
    state.shown += 1;
    state.defects.push(...programs.ask(what, verdict.objects));
  }
  if ((state.next - FIRST + 1) % EVERY !== 0) continue;
  // The next output of the generator is the next seed.
  state.next += 1;
  save();
  state.next -= 1;
  process.stderr.write(`${state.next}: ${state.defects.length} defects\n`);
}
save();
const { defects, ...counts } = state;
const notRun = [...missing, ...(judge.schemas.missing ? ['schemas of Kubernetes'] : [])];
process.stdout.write(`${JSON.stringify({ ...counts, notRun }, null, 1)}\n`);
for (const defect of defects) process.stdout.write(`${defect}\n`);
process.exitCode = defects.length ? 1 : 0;
