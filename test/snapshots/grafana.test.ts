import { testSnapshots } from './components';

testSnapshots('grafana');
