import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { list, OURS, runCommand } from './cluster';
import { refuseUnlessDisposable } from './disposable';

/**
 * Verifies that the suite may change the cluster, and loads images into it.
 * @throws Error with the remedy if the suite may not change the cluster
 */
export async function preflight(): Promise<void> {
  await refuseOtherClusters(OURS);
  await loadImages();
}

/** @throws Error with the remedy if the cluster is not disposable, or has one of these namespaces */
export async function refuseOtherClusters(ours: readonly string[]): Promise<void> {
  if (!process.env.E2E_KUBECONFIG) {
    throw new Error('E2E_KUBECONFIG is missing; allowed: the path of the kubeconfig of a disposable cluster');
  }
  const namespaces = (await list('namespaces')).map(
    ({ metadata }) => metadata as { name: string; uid?: string },
  );
  const uid = namespaces.find(({ name }) => name === 'kube-system')?.uid ?? '';
  const names = namespaces.map(({ name }) => name);
  refuseUnlessDisposable({ uid, namespaces: names }, process.env.E2E_CLUSTER_DISPOSABLE, ours);
}

/** Loads images from archives into the cluster, for clusters without access to a registry. */
async function loadImages(): Promise<void> {
  const { E2E_IMAGE_ARCHIVES: folder, E2E_IMAGE_LOAD: load } = process.env;
  if (!folder) return;
  if (!load) {
    throw new Error(
      'E2E_IMAGE_LOAD is missing, although E2E_IMAGE_ARCHIVES is set; allowed: a command that loads an image archive into all ' +
        'nodes, and has the path of the archive as its last argument, such as kind load image-archive',
    );
  }
  const archives = readdirSync(folder).filter((name) => name.endsWith('.tar'));
  if (!archives.length)
    throw new Error(
      `E2E_IMAGE_ARCHIVES: the folder ${folder} has no archives; allowed: files that end in .tar`,
    );
  for (const name of archives) await runCommand(load, join(folder, name));
}
