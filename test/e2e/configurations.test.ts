import type { Pod } from '../runtime/pod';
import { CLOUD, ReferenceStack } from '../stacks/reference-stack';
import type { Manifest } from '../support/manifests';

/** Programs that validate a configuration, by the part of the image name that identifies its reader. */
const CHECKS = {
  'prometheus/prometheus': ['/bin/promtool', 'check', 'config'],
  'prometheus/alertmanager': ['/bin/amtool', 'check-config'],
};

describe('the configurations of the reference environment', () => {
  let stack: ReferenceStack;

  beforeAll(async () => {
    stack = await ReferenceStack.create();
  });

  afterAll(() => stack?.destroy());

  test.each(Object.entries(CHECKS))(
    'of %s are valid, with all files that they name',
    async (image, check) => {
      const workloads = stack.cluster
        .objectsOfKind('StatefulSet')
        .filter((workload) => imageOf(workload).includes(image));
      expect(workloads).not.toHaveLength(0);
      for (const { metadata } of workloads) {
        for (const pod of await stack.cluster.start('StatefulSet', CLOUD, metadata.name)) {
          expect(await judge(pod, check)).toMatchObject({ code: 0 });
        }
      }
    },
  );
});

function imageOf({ spec }: Manifest): string {
  return spec.template.spec.containers[0].image;
}

/** Validates the configuration file of the running container, at its path there. */
function judge(pod: Pod, check: readonly string[]) {
  const [container] = pod.template.spec.containers;
  const file = container?.args?.find((argument) => argument.startsWith('--config.file='));
  if (!container || !file) throw new Error(`${pod.name} names no configuration file`);
  return pod.container(container.name).exec(...check, file.slice('--config.file='.length));
}
