#!/bin/sh
# Drops files into in/ as suppliers do: renamed when complete, written slowly in place, the same once more, one that is bad, and one
# with a companion that says that it is complete.
set -eu
cd "$(dirname "$0")"
mkdir -p in

cp ../products.csv in/products-1.csv.part
mv in/products-1.csv.part in/products-1.csv

echo 'sku,name,description' > in/products-2.csv
for number in 1 2 3; do
  sleep 0.2
  echo "inbox-$number,Product $number,Dropped slowly" >> in/products-2.csv
done

cp in/products-2.csv in/products-3.csv

printf 'name,description\nNo key,This file has no column sku\n' > in/products-4.csv

# The package on npm is without this file.
titles=../job-titles/2019_free_title_data.csv
if [ -f "$titles" ]; then
  cp "$titles" in/titles-2019.csv
  : > in/titles-2019.ok
fi
