/** Problem of a node. */
export type Trouble = 'silent' | 'full disk' | 'wrong clock' | 'growing queue' | 'hot';

/** A node of the seeded fleet. */
export interface SeededNode {
  readonly name: string;
  readonly group: string;
  readonly trouble?: Trouble;
  /** Whether the uplink of the node was down three hours ago. */
  readonly wasAway: boolean;
}

export const CLUSTER = 'fleet';

/** Seconds since the last sample of the silent node. */
export const SILENT_FOR = 2_400;

/** Period in which the uplink of some vehicles was down: start and end, in seconds before the end of the data. */
export const AWAY = [11_400, 9_600] as const;

const GROUPS = { plants: 12, vehicles: 9, kiosks: 6 };

const TROUBLES: Readonly<Record<string, Trouble>> = {
  'plant-05': 'full disk',
  'plant-09': 'hot',
  'vehicle-03': 'growing queue',
  'vehicle-07': 'silent',
  'kiosk-02': 'wrong clock',
};

/** Time of the last samples in seconds since 1970: noon UTC on 2 June 2025. */
export const CLOCK = Date.UTC(2025, 5, 2, 12) / 1_000;

/** The nodes of a small fleet. For each problem, there is one node that has it. */
export const NODES: readonly SeededNode[] = Object.entries(GROUPS).flatMap(([group, count]) =>
  Array.from({ length: count }, (_, index) => {
    const name = `${group.slice(0, -1)}-${`${index + 1}`.padStart(2, '0')}`;
    return { name, group, trouble: TROUBLES[name], wasAway: group === 'vehicles' && index % 3 === 0 };
  }),
);
