import { testSnapshots } from './components';

testSnapshots('edge-node-exporter');
