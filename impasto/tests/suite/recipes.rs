//! Recipes: presets, files, overrides and their errors.

use impasto::{
    Error, LayerWeight, Overrides, Recipe,
    objective::style::Statistic,
    recipe::{OptimizerKind, choice, preset_names},
};

#[test]
fn every_preset_reads_and_survives_writing() {
    let names = preset_names();
    for name in [
        "crowsonkb",
        "default",
        "gatys",
        "gatys2016",
        "johnson",
        "johnson-slow",
        "mean-statistics",
        "neural-style",
        "pastiche",
    ] {
        assert!(names.iter().any(|n| n == name), "{name} is missing from {names:?}");
    }
    for name in names {
        let recipe = Recipe::named(&name).expect("a preset");
        assert!(!recipe.description.is_empty(), "{name} does not say what it is");
        assert_eq!(Recipe::parse(&recipe.to_toml(), &name).expect("its own text"), recipe);
        assert!(!recipe.objective().taps().is_empty());
    }
}

#[test]
fn an_empty_recipe_is_the_default_preset() {
    let preset = Recipe::named("default").expect("a preset");
    let mut empty = Recipe::parse("", "default").expect("an empty recipe");
    empty.description = preset.description.clone();
    assert_eq!(empty, preset);
}

#[test]
fn errors_name_the_file_the_line_and_the_remedy() {
    for (text, words) in [
        ("[style]\nstatistics = \"gram\"", &["mine.toml", "line 2", "statistics", "`statistic`"][..]),
        ("[style]\nstatistic = \"grams\"", &["mine.toml", "line 2", "`grams`", "`gram`", "mean-variance"]),
        ("[content]\nlayers = [\"relu4_2:x\"]", &["mine.toml", "line 2", "relu4_2:x", "not a number"]),
        ("[content]\nweight = -1", &["mine.toml", "content.weight", "-1"]),
        ("[tv]\nweight = nan", &["mine.toml", "tv.weight"]),
        ("iterations = 0", &["mine.toml", "iterations"]),
        ("[scales]\nfactor = 1.0", &["scales.factor"]),
        ("iterations 5", &["mine.toml", "line 1"]),
    ] {
        let error = Recipe::parse(text, "mine.toml").expect_err(text);
        let message = error.to_string();
        assert!(error.hint().is_some(), "{message}: no hint");
        for word in words {
            assert!(message.contains(word), "{text:?}: {word:?} is missing from {message:?}");
        }
    }
    let error = Recipe::named("defautl").expect_err("a misspelt name");
    assert!(error.hint().is_some_and(|hint| hint.contains("default")), "{error}");
    assert!(matches!(Recipe::named("absent.toml"), Err(Error::ReadRecipe { .. })));
}

#[test]
fn overrides_change_only_what_they_name() {
    let base = Recipe::named("neural-style").expect("a preset");
    assert_eq!(Overrides::default().apply(base.clone()).expect("no change"), base);
    let overrides = Overrides {
        iterations: Some(20),
        style_layers: Some(LayerWeight::parse_list("relu1_1:0.5,relu2_1").expect("layers")),
        statistic: Some(choice::<Statistic>("--statistic", "mean-variance").expect("a statistic")),
        optimizer: Some(choice::<OptimizerKind>("--optimizer", "adam").expect("an optimiser")),
        ..Overrides::default()
    };
    let changed = overrides.apply(base).expect("a changed recipe");
    assert_eq!(changed.iterations, 20);
    assert_eq!(changed.objective().taps(), ["relu4_2", "relu1_1", "relu2_1"]);
    assert_eq!(changed.style.statistic, Statistic::MeanVariance);
    let error = choice::<Statistic>("--statistic", "grams").expect_err("no such statistic").to_string();
    assert!(
        error.contains("--statistic") && error.contains("grams") && error.contains("covariance"),
        "{error}"
    );
    let negative = Overrides { tv_weight: Some(-1.0), ..Overrides::default() };
    assert!(negative.apply(Recipe::default()).is_err());
}

#[test]
fn objectives_describe_themselves() {
    let described = Recipe::named("gatys").expect("a preset").objective().describe();
    for words in
        ["0.001 × half the summed squared error", "conv4_2", "Gram matrices", "Lasagne's total variation"]
    {
        assert!(described.contains(words), "{described}");
    }
}
