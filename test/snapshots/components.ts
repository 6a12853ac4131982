import { componentText, type ShownComponent } from '../support/shown-components';

/** Tests that the objects of a component look as before, in each environment that has it. */
export function testSnapshots(component: ShownComponent): void {
  expect.addSnapshotSerializer({ test: (value) => typeof value === 'string', serialize: (value) => value });
  test.each(componentText(component))('with %s it looks as before', (_, text) =>
    expect(text).toMatchSnapshot(),
  );
}
