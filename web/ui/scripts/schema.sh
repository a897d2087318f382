#!/bin/sh
# Types of the API as the node describes it; run when web/api/openapi.json has changed.
set -e
cd "$(dirname "$0")/.."
npx openapi-typescript ../api/openapi.json --output src/api/schema.d.ts
