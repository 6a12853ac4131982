import { caseOf, unchanged } from './cases';
import { judge } from './judge';
import { Programs } from './programs';

/** So many on any machine, so that none finds what another does not come to; half a minute of a core. */
const CASES = Number(process.env.FUZZ_CASES ?? 500);
const FIRST = Number(process.env.FUZZ_SEED ?? 1);
/** One accepted case in so many is shown to the programs. */
const SAMPLE = 10;

test.each(unchanged.map((one) => [one.what, one] as const))(
  '%s is accepted before anything is changed',
  (_, one) => {
    expect(judge(one)).toMatchObject({ kind: 'accepted' });
  },
);

test(
  'settings and properties that were changed at random are refused in one message, or give manifests',
  () => {
    const programs = new Programs();
    const counts = { refused: 0, accepted: 0 };
    const defects: string[] = [];
    let seed = FIRST;
    for (; seed < FIRST + CASES && defects.length < 10; seed += 1) {
      const one = caseOf(seed);
      const verdict = judge(one);
      if (verdict.kind === 'defect') {
        defects.push(`seed ${seed}, ${one.what}: ${verdict.problem}`);
        continue;
      }
      counts[verdict.kind] += 1;
      if (verdict.kind !== 'accepted' || counts.accepted % SAMPLE !== 0) continue;
      const problem = programs.problem(verdict.objects);
      if (problem) defects.push(`seed ${seed}, ${one.what}: ${problem}`);
    }
    process.stdout.write(
      `fuzz: seeds ${FIRST} to ${seed - 1}: ${counts.refused} refused, ${counts.accepted} accepted; ` +
        `programs judged ${JSON.stringify(programs.judged)}; not run: ${programs.missing.join(', ') || 'none'}\n`,
    );
    expect(defects).toEqual([]);
    expect(Math.min(counts.refused, counts.accepted)).toBeGreaterThan(0);
  },
  60_000 + CASES * 1_000,
);
