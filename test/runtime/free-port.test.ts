import { freePort } from './free-port';

/** Returns the function as another process has it that starts its search at the same port. */
function freePortOfAnotherProcess(): typeof freePort {
  let module = { freePort };
  const random = jest.spyOn(Math, 'random').mockReturnValue(0.5);
  jest.isolateModules(() => {
    module = require('./free-port');
  });
  random.mockRestore();
  return module.freePort;
}

test('no two calls, of no two processes, return the same port', async () => {
  const processes = [freePortOfAnotherProcess(), freePortOfAnotherProcess(), freePort];
  const ports = await Promise.all(
    Array.from({ length: 60 }, (_, call) => processes[call % processes.length]?.()),
  );
  expect(new Set(ports).size).toBe(60);
});

test('the kernel gives the port to nobody else before its program starts', async () => {
  const FIRST_EPHEMERAL_PORT = 32_768;
  expect(await freePort()).toBeLessThan(FIRST_EPHEMERAL_PORT);
});
