import { eventually } from './wait';

const SHORT = { seconds: 0.05, pauseMs: 20 };

test('a wait says what did not come, and the last failure', async () => {
  const fails = () => Promise.reject(new Error('refused'));
  await expect(eventually('an answer', fails, SHORT)).rejects.toThrow(
    'not within 0.05 s: an answer (Error: refused)',
  );
});

test('a wait goes on as long as more is seen, and ends when nothing is', async () => {
  let lines = 0;
  const progress = () => lines;
  const all = () => ++lines === 20;
  await expect(eventually('all lines', all, { ...SHORT, progress })).resolves.toBe(true);
  await expect(eventually('another line', () => false, { ...SHORT, progress })).rejects.toThrow('not within');
});
