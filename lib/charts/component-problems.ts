import { unreadSettingProblems } from '../cloud/metrics-store';
import type { Transport } from '../contracts/metrics-sink';
import { edgeComponents } from '../edge/components';
import { components } from './components';
import type { Settings } from './settings';

/**
 * Returns the errors that components find in settings with valid values, such as options that conflict or have no
 * effect.
 * @param byDefault transport of nodes for which the settings set no transport
 */
export function componentSettingsProblems(settings: Settings, byDefault: Transport): readonly string[] {
  // No component reads these settings, so further errors about them would only confuse.
  const unread = unreadSettingProblems(settings);
  if (unread.length) return unread;
  const { transport = byDefault, groups = [], ...nodes } = settings.edge ?? {};
  const transports = [...new Set([transport, ...groups.map((group) => group.transport ?? transport)])];
  const places = [
    { nodes, path: 'settings.edge', transports },
    ...groups.map((group, index) => ({
      nodes: group,
      path: `settings.edge.groups[${index}]`,
      transports: [group.transport ?? transport],
    })),
  ];
  return [
    ...components.flatMap((component) => component.settingsProblems?.({ settings, transports }) ?? []),
    ...places.flatMap((place) =>
      edgeComponents.flatMap((component) => component.nodesSettingsProblems?.(place.nodes, place) ?? []),
    ),
  ];
}
