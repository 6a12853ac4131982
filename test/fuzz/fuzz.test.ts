import { caseOf, unchanged } from './cases';
import { Judge } from './judge';
import { Programs } from './programs';

/** The same on any machine, so that none finds what another does not come to. CI runs 3,000: within two minutes of a core. */
const CASES = Number(process.env.FUZZ_CASES ?? 300);
const FIRST = Number(process.env.FUZZ_SEED ?? 1);
/** One accepted case of this number is validated by the programs. */
const SAMPLE = 10;

const judge = new Judge();
let programs: Programs;

beforeAll(() => {
  programs = new Programs();
});

test.each(unchanged.map((one) => [one.what, one] as const))(
  '%s: manifests that the schemas and the programs take, before anything is changed',
  (what, one) => {
    const verdict = judge.verdict(one);
    expect(verdict).toMatchObject({ kind: 'accepted' });
    expect(verdict.kind === 'accepted' && programs.ask(what, verdict.objects)).toEqual([]);
  },
  60_000,
);

test(
  'settings and properties that were changed at random are refused in one message, or give manifests',
  () => {
    const counts = { refused: 0, accepted: 0 };
    const defects: string[] = [];
    let seed = FIRST;
    for (; seed < FIRST + CASES && defects.length < 10; seed += 1) {
      const one = caseOf(seed);
      const what = `seed ${seed}, ${one.what}`;
      const verdict = judge.verdict(one);
      if (verdict.kind === 'defect') {
        defects.push(`${what}: ${verdict.problem}`);
        continue;
      }
      counts[verdict.kind] += 1;
      if (verdict.kind !== 'accepted' || counts.accepted % SAMPLE !== 0) continue;
      defects.push(...programs.ask(what, verdict.objects));
    }
    defects.push(...programs.askRest());
    const notRun = [...programs.missing, ...(judge.schemas.missing ? ['schemas of Kubernetes'] : [])];
    process.stdout.write(
      `fuzz: seeds ${FIRST} to ${seed - 1}: ${counts.refused} refused, ${counts.accepted} accepted; ` +
        `programs judged ${JSON.stringify(programs.judged)}; not run: ${notRun.join(', ') || 'none'}\n`,
    );
    expect(defects).toEqual([]);
    expect(Math.min(counts.refused, counts.accepted)).toBeGreaterThan(0);
  },
  60_000 + CASES * 1_000,
);
