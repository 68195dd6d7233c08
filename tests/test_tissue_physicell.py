"""Settings of PhysiCell: what is read keeps its meaning, what is not read is listed, what is none is refused."""

import tomllib

import pytest

from autocrine.cli import main
from autocrine.core import Document, errors
from autocrine.tissue import TumourDesign, plant
from autocrine.tissue.physicell import read_physicell

DEFINITION = """
<cell_definition name="{name}" ID="0">
 <phenotype>
  <cycle code="6" name="Flow cytometry model (separated)">
   <phase_durations units="min">
    <duration index="0" fixed_duration="false">300.0</duration>
    <duration index="1" fixed_duration="true">480</duration>
    <duration index="2" fixed_duration="true">240</duration>
    <duration index="3" fixed_duration="true">60</duration>
   </phase_durations>
  </cycle>
  <death>
   <model code="100" name="apoptosis">
    <death_rate units="1/min">5.31667e-05</death_rate>
    <phase_durations units="min"><duration index="0" fixed_duration="true">516</duration></phase_durations>
    <parameters>
     <unlysed_fluid_change_rate units="1/min">0.05</unlysed_fluid_change_rate>
     <lysed_fluid_change_rate units="1/min">0</lysed_fluid_change_rate>
     <cytoplasmic_biomass_change_rate units="1/min">1.66667e-02</cytoplasmic_biomass_change_rate>
     <nuclear_biomass_change_rate units="1/min">5.83333e-03</nuclear_biomass_change_rate>
     <relative_rupture_volume units="dimensionless">2.0</relative_rupture_volume>
    </parameters>
   </model>
   <model code="101" name="necrosis">
    <death_rate units="1/min">0.0</death_rate>
    <phase_durations units="min"><duration index="1" fixed_duration="true">86400</duration></phase_durations>
    <parameters><unlysed_fluid_change_rate units="1/min">1.11667e-2</unlysed_fluid_change_rate></parameters>
   </model>
  </death>
  <volume>
   <total units="micron^3">2000</total>
   <fluid_fraction units="dimensionless">0.8</fluid_fraction>
   <nuclear units="micron^3">500</nuclear>
   <fluid_change_rate units="1/min">0.05</fluid_change_rate>
   <cytoplasmic_biomass_change_rate units="1/min">0.0045</cytoplasmic_biomass_change_rate>
   <nuclear_biomass_change_rate units="1/min">0.0055</nuclear_biomass_change_rate>
   <relative_rupture_volume units="dimensionless">2.0</relative_rupture_volume>
  </volume>
  <mechanics>
   <cell_cell_adhesion_strength units="micron/min">0.2</cell_cell_adhesion_strength>
   <cell_cell_repulsion_strength units="micron/min">8.0</cell_cell_repulsion_strength>
   <relative_maximum_adhesion_distance units="dimensionless">1.5</relative_maximum_adhesion_distance>
   <cell_adhesion_affinities><cell_adhesion_affinity name="{name}">1</cell_adhesion_affinity></cell_adhesion_affinities>
   <options><set_relative_equilibrium_distance enabled="false">1.8</set_relative_equilibrium_distance></options>
  </mechanics>
  <motility>
   <speed units="micron/min">0.5</speed>
   <persistence_time units="min">15</persistence_time>
   <migration_bias units="dimensionless">.5</migration_bias>
   <options>
    <enabled>{moves}</enabled>
    <use_2D>false</use_2D>
    <chemotaxis><enabled>true</enabled><substrate>oxygen</substrate><direction>-1</direction></chemotaxis>
   </options>
  </motility>
  <secretion>
   <substrate name="oxygen">
    <secretion_rate units="1/min">0</secretion_rate>
    <secretion_target units="substrate density">38</secretion_target>
    <uptake_rate units="1/min">7</uptake_rate>
   </substrate>
   <substrate name="debris"><secretion_rate units="1/min">3</secretion_rate></substrate>
  </secretion>
  <cell_interactions>
   <attack_rates><attack_rate name="prey" units="1/min">0.25</attack_rate></attack_rates>
   <fusion_rates><fusion_rate name="prey" units="1/min">0</fusion_rate></fusion_rates>
  </cell_interactions>
 </phenotype>
 <custom_data><sample units="dimensionless">1.0</sample></custom_data>
</cell_definition>
"""
SETTINGS = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment -->
<PhysiCell_settings version="devel-version">
 <domain>
  <x_min>-150</x_min><x_max>150</x_max><y_min>-150</y_min><y_max>150</y_max><z_min>-150</z_min><z_max>150</z_max>
  <dx>20</dx><dy>20</dy><dz>20</dz><use_2D>false</use_2D>
 </domain>
 <overall>
  <max_time units="min">7200</max_time><time_units>min</time_units>
  <dt_diffusion units="min">0.01</dt_diffusion><dt_mechanics units="min">0.1</dt_mechanics>
  <dt_phenotype units="min">6</dt_phenotype>
 </overall>
 <save><folder>output</folder><full_data><interval units="min">360</interval><enable>true</enable></full_data></save>
 <microenvironment_setup>
  <variable name="oxygen" units="mmHg" ID="0">
   <physical_parameter_set>
    <diffusion_coefficient units="micron^2/min">100000.0</diffusion_coefficient>
    <decay_rate units="1/min">0.1</decay_rate>
   </physical_parameter_set>
   <initial_condition units="mmHg">38</initial_condition>
   <Dirichlet_boundary_condition units="mmHg" enabled="true">38</Dirichlet_boundary_condition>
  </variable>
  <variable name="debris" units="dimensionless" ID="1">
   <physical_parameter_set><decay_rate units="1/min">1</decay_rate></physical_parameter_set>
  </variable>
 </microenvironment_setup>
 <cell_definitions>{DEFINITION.format(name="tumour cell", moves="true")}
 {DEFINITION.format(name="prey", moves="false")}</cell_definitions>
 <cell_rules><rulesets><ruleset protocol="CBHG" version="3.0" format="csv" enabled="true">
  <folder>./config</folder><filename>rules.csv</filename></ruleset></rulesets></cell_rules>
 <user_parameters>
  <random_seed type="int">0</random_seed><div type="divider" description="---"/>
  <number_of_cells type="int">15</number_of_cells><oncoprotein_mean type="double">1.5</oncoprotein_mean>
 </user_parameters>
</PhysiCell_settings>
"""


def translated(tmp_path, text=SETTINGS):
    path = tmp_path / "PhysiCell_settings.xml"
    path.write_text(text, encoding="utf-8")
    return read_physicell(path)


def test_what_is_read_keeps_its_meaning(tmp_path):
    text = translated(tmp_path).text
    design = TumourDesign.from_document(Document.parse(text, "a.toml"))
    assert (design.size_um, design.voxel_um, design.dimensions, design.cells) == (300.0, 20.0, 3, 30)
    assert (design.duration_h, design.tick_h * 60, design.growth_h * 60) == pytest.approx((120.0, 0.1, 6.0))
    assert (design.frames, design.follows) == (20, "oxygen")
    oxygen = next(each for each in design.substrates if each.name == "oxygen")
    assert (oxygen.diffusion_um2_h, oxygen.decay_1_h, oxygen.initial) == pytest.approx((6e6, 6.0, 38.0))
    assert oxygen.face_list(3)[0].plasma.at(1.0) == 38.0
    assert design.oxygen_uptake_1_h == pytest.approx(420.0)
    first, second = design.clones
    assert (first.name, second.name, first.fraction) == ("tumour_cell", "prey", 0.5)
    wanted = {
        "volume": 2000.0, "nuclear_volume": 500.0, "fluid_fraction": 0.8, "fluid_rate": 3.0, "nuclear_rate": 0.33,
        "cytoplasmic_rate": 0.27, "s_duration": 8.0, "g2m_duration": 5.0, "apoptosis_rate": 0.00319,
        "apoptosis_duration": 8.6, "apoptosis_cytoplasmic_rate": 1.0, "apoptosis_nuclear_rate": 0.35,
        "lysed_duration": 1440.0, "swelling_fluid_rate": 0.67,
    }  # fmt: skip
    for name, value in wanted.items():
        assert first.phenotype.values[name] == pytest.approx(value, rel=1e-4), name
    moving = {name: first.phenotype.values[name] for name in ("speed", "persistence", "chemotaxis")}
    assert moving == pytest.approx({"speed": 30.0, "persistence": 0.25, "chemotaxis": -0.5})
    assert second.phenotype.values["speed"] == 0.0
    law = first.phenotype.law
    assert (law.adhesion_um_h, law.repulsion_um_h, law.relative_reach) == pytest.approx((12.0, 480.0, 1.5))


def test_what_was_read_can_run(tmp_path):
    tumour = plant(TumourDesign.from_document(Document.parse(translated(tmp_path).text, "a.toml")))
    tumour.run(0.01)
    assert tumour.population.count == 30


def test_what_is_not_understood_is_listed_once_and_nothing_else(tmp_path):
    found = translated(tmp_path)
    lines = list(found.unread)
    assert [
        line for line in lines if line.startswith(("substrate", "tumour_cell", "prey: cycle", "cell line", "places"))
    ] == [
        "substrate debris: not one of il6, oxygen and the drugs of Autocrine",
        "substrate il6: absent, and added with its own diffusion and closed faces",
        "tumour_cell: cycle, G0/G1 of 5 h: the circuit gives the rate of division",
        "prey: cycle, G0/G1 of 5 h: the circuit gives the rate of division",
        "cell line: PhysiCell has no circuit; every clone has that of the line sensitive",
        "places of cells: a ball; PhysiCell's are made by its code or a table",
    ]
    each = ("substrate debris/secretion_rate = 3", "attack_rates/attack_rate prey = 0.25", "custom_data/sample = 1.0")
    assert lines[6:-2] == [f"{name}: {what}" for name in ("tumour cell", "prey") for what in each]
    assert lines[-2:] == ["rulesets/ruleset", "user_parameters/oncoprotein_mean = 1.5"]
    for line in found.unread:
        assert f"#   {line}" in found.text
    tomllib.loads(found.text)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("<y_max>150</y_max>", "<y_max>100</y_max>", "domain of 300 x 250 x 300 um"),
        ("<dz>20</dz>", "<dz>10</dz>", "domain/dz of 10 um"),
        ('units="mmHg" ID="0"', 'units="dimensionless" ID="0"', None),
        ('code="6" name="Flow cytometry model (separated)"', 'code="5" name="live"', "tumour_cell: cycle live"),
        ('<death_rate units="1/min">0.0<', '<death_rate units="1/min">0.01<', "necrosis at 0.6"),
        ('<uptake_rate units="1/min">7<', '<uptake_rate units="1/min">9<', "uptake of oxygen that differs"),
        ("<substrate>oxygen</substrate>", "<substrate>debris</substrate>", "chemotaxis along debris"),
    ],
)  # fmt: skip
def test_what_is_like_ours_but_not_equal_is_said(tmp_path, old, new, line):
    assert old in SETTINGS
    found = translated(tmp_path, SETTINGS.replace(old, new, 1))
    assert line is None or any(line in each for each in found.unread), found.unread
    TumourDesign.from_document(Document.parse(found.text, "a.toml"))


def test_faces_are_held_only_where_all_are_alike(tmp_path):
    sides = "".join(
        f'<boundary_value ID="{axis}{end}" enabled="true">5</boundary_value>'
        for axis in "xyz"
        for end in ("min", "max")
    )
    whole = '<Dirichlet_boundary_condition units="mmHg" enabled="true">38</Dirichlet_boundary_condition>'
    for options, wanted in (
        (sides, "5.0 mmHg"),
        (sides.replace("5<", "6<", 1), None),
        (sides.replace("true", "false"), "38.0 mmHg"),
    ):
        text = SETTINGS.replace(whole, f"{whole}<Dirichlet_options>{options}</Dirichlet_options>")
        found = translated(tmp_path, text)
        assert tomllib.loads(found.text)["substrate"]["oxygen"].get("outside") == wanted
        assert any("faces that differ" in each for each in found.unread) == (wanted is None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must be XML"),
        ("<a><b></a>", "must be XML"),
        ("<PhysiCell/>", "must begin with PhysiCell_settings"),
        ("<PhysiCell_settings/>", "must have a domain"),
        (SETTINGS.replace("<x_min>-150<", "<x_min>left<"), "domain/x_min must be a number"),
        (SETTINGS.replace("<dx>20<", "<dx>inf<"), "must be a finite number"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><PhysiCell_settings>&b;</PhysiCell_settings>', "entities of their own"),
    ],
)
def test_what_is_no_settings_file_is_refused(tmp_path, text, says):
    with pytest.raises(errors.InputError, match=says):
        translated(tmp_path, text)


def test_an_absent_file_is_refused(tmp_path):
    with pytest.raises(errors.InputError, match="must be readable"):
        read_physicell(tmp_path / "absent.xml")


def test_the_command_writes_a_design_and_lists_what_is_missing(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.xml").write_text(SETTINGS, encoding="utf-8")
    main(["tumour", "physicell", "mine.xml"])
    said = capsys.readouterr().out
    assert "design: mine.toml" in said
    assert "not understood (" in said
    assert "attack_rate prey = 0.25" in said
    with pytest.raises(SystemExit) as left:
        main(["tumour", "physicell", "mine.xml"])
    assert left.value.code == 2
    assert "try another --out, or --force" in capsys.readouterr().err
