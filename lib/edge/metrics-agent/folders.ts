import { basename } from 'node:path';
import type { AgentSite } from '../agent';

/** Folders below that of the state: the queue, what the clock guard lets be measured, and copies of the agent's files. */
export const stateFolders = ({ dirs: { state } }: AgentSite) => ({
  stateDir: state,
  queueDir: `${state}/queue`,
  activeDir: `${state}/active`,
  filesDir: `${state}/files`,
  loginFile: `${state}/login`,
  stoppedFile: `${state}/stopped`,
});

/** The copy of a folder of the pod, which stays when EdgeCore unmounts the folder. */
export const copiedFolder = (folder: string, site: AgentSite): string =>
  `${stateFolders(site).filesDir}/${basename(folder)}`;

/** Folders of the agent's container with files of others. */
export const TARGETS_DIR = '/etc/metrics-agent/targets';
export const USERS_DIR = '/etc/metrics-agent/users';
