import assert from "node:assert/strict";
import { test } from "node:test";
import { chosen, inWords, switched, takesPart, without } from "../../page/js/pages/look-state.js";

test("planes are listed one by one, by layer, and by layer with exceptions", () => {
  let planes = switched([], "relu2_1:7");
  assert.deepEqual(chosen({ mode: "mute", planes }), { mute: ["relu2_1:7"], solo: null });
  assert.equal(takesPart({ mode: "mute", planes }, "relu2_1:7"), false);
  assert.equal(takesPart({ mode: "solo", planes }, "relu2_1:7"), true);
  assert.equal(takesPart({ mode: "solo", planes }, "relu2_1:8"), false);
  assert.deepEqual(switched(planes, "relu2_1:7"), []);

  planes = [...without(planes, "relu2_1"), "relu2_1", "relu1_1:3"];
  planes = switched(switched(switched(planes, "relu2_1:0"), "relu2_1:30"), "relu2_1:127");
  assert.equal(takesPart({ mode: "mute", planes }, "relu2_1:30"), true);
  assert.deepEqual(chosen({ mode: "mute", planes }).mute, ["relu2_1:1-29", "relu2_1:31-126", "relu1_1:3"]);
  assert.equal(inWords({ mode: "mute", planes }), "Without 1 whole layer and 1 feature, 3 excepted");
  assert.deepEqual(without(planes, "relu2_1"), ["relu1_1:3"]);
});

test("with nothing chosen everything takes part", () => {
  for (const mode of ["mute", "solo"]) {
    assert.equal(takesPart({ mode, planes: [] }, "relu4_1:5"), true);
    assert.deepEqual(chosen({ mode, planes: [] }), { mute: null, solo: null });
    assert.equal(inWords({ mode, planes: [] }), "All features take part");
  }
});
