"""Real files to begin with, read from the suites where they lie; nothing of them is kept."""

from __future__ import annotations

from pathlib import Path
from random import Random

_PLAIN = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1"><model id="plain">
<listOfFunctionDefinitions><functionDefinition id="f"><math xmlns="http://www.w3.org/1998/Math/MathML"><lambda><bvar><ci>x</ci>
</bvar><apply><times/><ci>x</ci><cn>2</cn></apply></lambda></math></functionDefinition></listOfFunctionDefinitions>
<listOfCompartments><compartment id="c" size="1" constant="true"/></listOfCompartments><listOfSpecies>
<species id="A" compartment="c" initialConcentration="10" hasOnlySubstanceUnits="false" boundaryCondition="false" constant="false"/>
<species id="B" compartment="c" initialAmount="0" hasOnlySubstanceUnits="false" boundaryCondition="false" constant="false"/>
</listOfSpecies><listOfParameters><parameter id="k" value="0.5" constant="true"/></listOfParameters><listOfReactions>
<reaction id="r" reversible="false" fast="false"><listOfReactants><speciesReference species="A" stoichiometry="1" constant="true"/>
</listOfReactants><listOfProducts><speciesReference species="B" stoichiometry="1" constant="true"/></listOfProducts><kineticLaw>
<math xmlns="http://www.w3.org/1998/Math/MathML"><apply><times/><ci>k</ci><apply><ci>f</ci><ci>A</ci></apply></apply></math>
</kineticLaw></reaction></listOfReactions></model></sbml>
"""
_ANTIMONY = """
function f(x, y)
  x^2/(y + x)
end
model inner(k)
  species S = 3; S -> ; k*S; k = 0.2
end
model *outer()
  compartment c = 2; species $X in c, A in c, B in c;
  A = 10; B = 0; X = 1; k1 = 0.5; k2 := k1*2 + sin(time);
  J0: A -> B; k1*A - f(B, 3); J1: 2 B + X => A; k2*B^2/(1 + B);
  at (A > 3 && time > 1), t0=false, priority=2: A = 1, B = B + 2;
  at 2 after (B >= 1): k1 = 0.1;
  sub: inner(k1); C' = -k1*C + delay_free; C = 1; delay_free = 0.1;
  unit u = 1e-3 mole; A has u; A is "a name"; const k1_ = 3;
end
"""
_SEDML = """<?xml version="1.0" encoding="UTF-8"?>
<sedML xmlns="http://sed-ml.org/sed-ml/level1/version3" level="1" version="3">
<listOfSimulations><uniformTimeCourse id="sim" initialTime="0" outputStartTime="0" outputEndTime="2" numberOfPoints="5">
<algorithm kisaoID="KISAO:0000019"><listOfAlgorithmParameters><algorithmParameter kisaoID="KISAO:0000209" value="1e-6"/>
</listOfAlgorithmParameters></algorithm></uniformTimeCourse></listOfSimulations>
<listOfModels><model id="m" language="urn:sedml:language:sbml" source="model.xml"><listOfChanges>
<changeAttribute target="/sbml:sbml/sbml:model/sbml:listOfParameters/sbml:parameter[@id='k']/@value" newValue="0.7"/>
</listOfChanges></model><model id="n" language="urn:sedml:language:sbml" source="#m"/></listOfModels>
<listOfTasks><task id="task" modelReference="n" simulationReference="sim"/></listOfTasks>
<listOfDataGenerators><dataGenerator id="time" name="time"><listOfVariables><variable id="t" symbol="urn:sedml:symbol:time"
 taskReference="task"/></listOfVariables><math xmlns="http://www.w3.org/1998/Math/MathML"><ci>t</ci></math></dataGenerator>
<dataGenerator id="a" name="A"><listOfVariables><variable id="x" taskReference="task"
 target="/sbml:sbml/sbml:model/sbml:listOfSpecies/sbml:species[@id='A']"/></listOfVariables><listOfParameters>
<parameter id="p" value="2"/></listOfParameters><math xmlns="http://www.w3.org/1998/Math/MathML"><apply><times/><ci>p</ci>
<ci>x</ci></apply></math></dataGenerator></listOfDataGenerators><listOfOutputs><report id="rep"><listOfDataSets>
<dataSet id="d1" label="time" dataReference="time"/><dataSet id="d2" label="A" dataReference="a"/></listOfDataSets></report>
<plot2D id="pl"><listOfCurves><curve id="cu" logX="false" logY="false" xDataReference="time" yDataReference="a"/></listOfCurves>
</plot2D></listOfOutputs></sedML>
"""
_MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<omexManifest xmlns="http://identifiers.org/combine.specifications/omex-manifest">
<content location="." format="http://identifiers.org/combine.specifications/omex"/>
<content location="./manifest.xml" format="http://identifiers.org/combine.specifications/omex-manifest"/>
<content location="./model.xml" format="http://identifiers.org/combine.specifications/sbml"/>
<content location="./run.sedml" format="http://identifiers.org/combine.specifications/sed-ml" master="true"/></omexManifest>
"""


class Seeds:
    """Files to begin with.

    Parameters
    ----------
    suites : Path
        A folder with ``sbml-semantic``, ``petab-test-suite`` and ``petab-benchmark``; what is absent is done without.
    """

    def __init__(self, suites: Path) -> None:
        self._models = sorted(suites.glob("sbml-semantic/*/*-sbml-l*.xml"))
        self._problems = sorted(suites.glob("petab-test-suite/*/sbml/*/*.yaml"))
        self._published = sorted(suites.glob("petab-benchmark/*/*.yaml"))

    def sbml(self, rng: Random) -> str:
        """Return the text of a model."""
        if not self._models or rng.random() < 0.03:
            return _PLAIN
        if self._published and rng.random() < 0.02:
            return next(rng.choice(self._published).parent.glob("*.xml")).read_text(encoding="utf-8")
        return rng.choice(self._models).read_text(encoding="utf-8")

    def folder(self, rng: Random) -> dict[str, bytes]:
        """Return a model with all files of its case, for those that take models from files."""
        path = rng.choice(self._models) if self._models else None
        if path is None:
            return {"model.xml": _PLAIN.encode()}
        found = {each.name: each.read_bytes() for each in path.parent.glob("*.xml") if each != path}
        return {"model.xml": path.read_bytes(), **found}

    def petab(self, rng: Random) -> dict[str, bytes]:
        """Return the files of a problem; the YAML file is called ``problem.yaml``."""
        choices = [path for path in self._problems if "solution" not in path.name.lower()]
        if not choices:
            return {}
        path = rng.choice(choices)
        found = {each.name: each.read_bytes() for each in path.parent.iterdir() if each.suffix in (".tsv", ".xml")}
        return {"problem.yaml": path.read_bytes(), **found}

    @staticmethod
    def antimony() -> str:
        """Return Antimony text."""
        return _ANTIMONY

    def archive(self, rng: Random) -> dict[str, bytes]:
        """Return the members of an archive."""
        model = _PLAIN if rng.random() < 0.9 else self.sbml(rng)
        return {"manifest.xml": _MANIFEST.encode(), "model.xml": model.encode(), "run.sedml": _SEDML.encode()}
