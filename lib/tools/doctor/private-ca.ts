import { getObjectIfExists } from '../process/kubectl';
import type { Check, CheckContext } from './check';
import { okFinding, problemFinding } from './finding';

/** Checks whether the ConfigMap with the private CA certificate exists and contains the key of the certificate. */
export const privateCa: Check = {
  name: 'private CA',
  run: async (context) => {
    const { privateCa: named } = context;
    if (!named) return [];
    const id = `the ConfigMap ${named.namespace}/${named.configMapName}`;
    if (await readPrivateCaCertificate(context))
      return [okFinding(`${id} exists and contains the key ${named.key}`)];
    const make = `kubectl create configmap ${named.configMapName} -n ${named.namespace} --from-file=${named.key}=FILE`;
    return [problemFinding(`${id} does not exist, or does not contain the key ${named.key}`, make)];
  },
};

/**
 * Reads the private CA certificate in PEM format from its ConfigMap. Returns `undefined` if the settings contain no private CA,
 * or if the ConfigMap or its key does not exist.
 */
export async function readPrivateCaCertificate({
  kubectl,
  privateCa: named,
}: CheckContext): Promise<string | undefined> {
  if (!named) return undefined;
  const { configMapName, key, namespace } = named;
  const configMap = await getObjectIfExists(
    kubectl,
    'get',
    'configmap',
    configMapName,
    '--namespace',
    namespace,
  );
  return configMap?.data?.[key];
}
