// The suite that every adapter passes, on collections made of SOAP operations, over a socket.

import { after } from 'node:test';
import { conformance } from '../../conformance/conformance.ts';
import {
  DATASET_WSDL,
  type DatasetService,
  datasetOptions,
  startDataset,
} from '../../fakes/dataset-service.ts';
import { openSoap, wsdlFile } from './opening.ts';

const services: DatasetService[] = [];
after(async () => {
  for (const service of services) await service[Symbol.asyncDispose]();
});

conformance({
  name: 'SOAP',
  queries: 120,
  open: async (data) => {
    const service = await startDataset(data);
    services.push(service);
    return openSoap(datasetOptions(wsdlFile(DATASET_WSDL), service.url));
  },
});
